/** What the events' descriptions use of JSON Schema (2020-12). */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
}

/**
 * What about `value` does not fit `schema`, as a sentence that begins with the place (a JSON Pointer, RFC 6901);
 * `undefined` when it fits. Fields that the schema does not know are let pass.
 */
export function misfit(schema: Schema, value: unknown, at = ""): string | undefined {
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => hasType(type, value))) {
    return `${at || "it"} is ${value === undefined ? "missing" : `not ${types.join(" or ")}`}`;
  }
  if (schema.const !== undefined && value !== schema.const) return `${at} is not ${schema.const}`;
  if (schema.enum && !schema.enum.includes(value as string))
    return `${at} is not one of ${schema.enum.join(", ")}`;
  if (typeof value === "number") {
    if (schema.minimum !== undefined && value < schema.minimum) return `${at} is less than ${schema.minimum}`;
    if (schema.maximum !== undefined && value > schema.maximum) return `${at} is more than ${schema.maximum}`;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(fields, name)) return `${at}/${name} is missing`;
  }
  for (const [name, field] of Object.entries(fields)) {
    const known =
      schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const expected = known ?? schema.additionalProperties;
    const wrong = expected && misfit(expected, field, `${at}/${name}`);
    if (wrong) return wrong;
  }
  return undefined;
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
