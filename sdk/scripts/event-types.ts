// From the AsyncAPI document: the events' types, names, routing keys and guards, and the schemas to check them by.

/** What the document uses of JSON Schema; whatever else it may use one day has to be understood here first. */
interface Schema {
  type?: string | string[];
  description?: string | undefined;
  const?: string;
  enum?: string[];
  format?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[] | undefined;
  additionalProperties?: Schema;
  propertyNames?: Schema;
}

const KEYWORDS = new Set(
  "type description const enum format minimum maximum properties required additionalProperties propertyNames".split(
    " ",
  ),
);

interface Message {
  name: string;
  title: string;
  summary: string;
  payload: Schema;
}

interface Document {
  channels: Record<
    string,
    { address: string; title: string; bindings?: { amqp?: { exchange?: { name: string } } } }
  >;
  components: { messages: Record<string, Message> };
}

/** TypeScript for `src/events/generated.ts`. */
export function eventTypes(asyncapi: string): string {
  const document = JSON.parse(asyncapi) as Document;
  const messages = Object.values(document.components.messages);
  const channel = (type: string) => {
    const found = Object.values(document.channels).find(({ title }) => title === type);
    if (!found) throw new Error(`asyncapi.json has no channel of ${type}`);
    return found;
  };
  const first = messages[0];
  if (!first) throw new Error("asyncapi.json has no messages");
  const exchange = channel(first.title).bindings?.amqp?.exchange?.name;
  if (!exchange) throw new Error("asyncapi.json does not name the exchange");
  const names = messages.map(({ name }) => name);
  return [
    "// Generated from asyncapi.json by `make generate`: do not change it by hand.",
    `import type { Schema } from "./schema.ts";`,
    "/** The exchange that events are published to, unless the service's `EVENTS_EXCHANGE` says otherwise. */",
    `export const EXCHANGE = ${JSON.stringify(exchange)};`,
    "/** All types of events. */",
    `export const EVENT_TYPES = ${JSON.stringify(messages.map(({ title }) => title))} as const;`,
    "/** A type of events. */",
    "export type EventType = (typeof EVENT_TYPES)[number];",
    "/** The routing key of each type, to bind a queue by. */",
    "export const ROUTING_KEYS = {",
    ...messages.map(({ title }) => `${JSON.stringify(title)}: ${JSON.stringify(channel(title).address)},`),
    "} as const satisfies Record<EventType, string>;",
    envelope(messages),
    ...messages.flatMap(message),
    "/** Any event. */",
    `export type CommsEvent = ${names.join(" | ")};`,
    "/** The event of each type. */",
    "export interface EventOf {",
    ...messages.map(({ name, title }) => `${JSON.stringify(title)}: ${name};`),
    "}",
    "/** What is checked of each type's events: JSON Schema, without what only people read. */",
    "export const SCHEMAS: Record<EventType, Schema> = {",
    ...messages.map(({ title, payload }) => `${JSON.stringify(title)}: ${JSON.stringify(bare(payload))},`),
    "};",
    "",
  ].join("\n");
}

/** What all events have in common; that they do is checked. */
function envelope(messages: Message[]): string {
  const shapes = messages.map(({ payload }) => {
    const { data: _, type: __, ...shared } = payload.properties ?? {};
    return { description: payload.description, required: payload.required, properties: shared };
  });
  const [shape] = shapes;
  if (!shape || shapes.some((other) => JSON.stringify(other) !== JSON.stringify(shape))) {
    throw new Error("The events' envelopes differ, which scripts/event-types.ts does not expect.");
  }
  const fields = fieldsOf({ ...shape, required: Object.keys(shape.properties) });
  return `${comment(shape.description)}export interface EventEnvelope<Type extends string, Data> {
    /** What happened. */ readonly type: Type;
    /** What is told of it. */ readonly data: Data;
    ${fields} }`;
}

function message({ name, title, summary, payload }: Message): string[] {
  const data = payload.properties?.data;
  if (!data) throw new Error(`${title} has no data`);
  return [
    `/** What \`${title}\` tells. */ export interface ${name}Data { ${fieldsOf(data)} }`,
    `${comment(`\`${title}\`: ${summary}`)}export type ${name} = EventEnvelope<${JSON.stringify(title)}, ${name}Data>;`,
    `/** Whether it is \`${title}\`. */ export function is${name}(event: { readonly type: string }): event is ${name} {
      return event.type === ${JSON.stringify(title)}; }`,
  ];
}

function fieldsOf({ properties = {}, required = [] }: Schema): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const optional = required.includes(name) ? "" : "?";
      return `${comment(schema.description)}readonly ${name}${optional}: ${typeOf(schema)};`;
    })
    .join("\n");
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const types = [schema.type ?? []].flat().map((type) => {
    if (type === "integer" || type === "number") return "number";
    if (type === "string" || type === "boolean" || type === "null") return type;
    if (type === "object" && schema.additionalProperties) {
      return `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`;
    }
    if (type === "object") return `{ ${fieldsOf(schema)} }`;
    throw new Error(`scripts/event-types.ts does not know the type ${type}`);
  });
  if (types.length === 0) throw new Error(`A schema has no type: ${JSON.stringify(schema)}`);
  return types.join(" | ");
}

/** The schema without descriptions and formats. */
function bare(schema: Schema): Schema {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0)
    throw new Error(`scripts/event-types.ts does not know the keyword ${unknown.join(", ")}`);
  const {
    description: _,
    format: __,
    propertyNames: ___,
    properties,
    additionalProperties,
    ...kept
  } = schema;
  return {
    ...kept,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, bare(part)])),
    }),
    ...(additionalProperties && { additionalProperties: bare(additionalProperties) }),
  };
}

function comment(text: string | undefined): string {
  return text ? `/** ${text.replaceAll("*/", "* /")} */\n` : "";
}
