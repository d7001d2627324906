/**
 * cc-lite's events: types, names and routing keys as the service's AsyncAPI document describes them.
 *
 * @module
 */
export * from "./generated.ts";
