// From the OpenAPI document: the types of all paths and of what they take and give.
import openapiTS, { astToString } from "openapi-typescript";

/** TypeScript for `src/client/generated.ts`. */
export async function apiTypes(openapi: string): Promise<string> {
  // A field with a default may be left out of a request all the same.
  const options = { alphabetize: true, defaultNonNullable: false };
  const types = astToString(await openapiTS(JSON.parse(openapi), options));
  return `// Generated from openapi.json by \`make generate\`: do not change it by hand.\n\n${types}`;
}
