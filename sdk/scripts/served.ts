// The documents as a service of this checkout serves them with its default settings.
import { Service } from "../test/service.ts";

/** What is generated from: the documents' file names, which are also their paths on the service. */
export const DOCUMENTS = ["openapi.json", "asyncapi.json"] as const;

/** The name of a document. */
export type DocumentName = (typeof DOCUMENTS)[number];

/** Starts the service, reads both documents and ends it. Each is written with two spaces, for readable differences. */
export async function served(): Promise<Record<DocumentName, string>> {
  // Events are on, as by default: the document then names the exchange. No broker has to be there.
  await using service = await Service.start({ ENABLE_EVENTS: "true" });
  const read = async (name: DocumentName) => {
    const answer = await fetch(`${service.url}/${name}`);
    if (!answer.ok) throw new Error(`GET /${name} was answered by ${answer.status}`);
    return `${JSON.stringify(await answer.json(), null, 2)}\n`;
  };
  return { "openapi.json": await read("openapi.json"), "asyncapi.json": await read("asyncapi.json") };
}
