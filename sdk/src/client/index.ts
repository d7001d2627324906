/**
 * A typed client of cc-lite: its API as the service's OpenAPI document describes it, tokens that renew themselves, lists
 * as async iterators, writes that are safe to repeat, errors as {@link ProblemError}, and the live stream.
 *
 * @module
 */
export type { CommsEvent, EventType } from "../events/generated.ts";
export {
  type Answer,
  type Client,
  type ClientOptions,
  createClient,
  type ListItem,
  type ListPath,
  type Method,
} from "./client.ts";
export type { components, paths } from "./generated.ts";
export { type Page, Pages } from "./pages.ts";
export { type FieldError, NetworkError, type Problem, ProblemError } from "./problem.ts";
export type { RetryOptions } from "./retry.ts";
export type { Connection, StreamMessage, StreamOptions } from "./stream.ts";
export { memoryTokens, storedTokens, type TokenStore, type Tokens } from "./tokens.ts";
