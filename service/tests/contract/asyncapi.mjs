// Checks a document of AsyncAPI 3 against the specification's own schema, its examples and real messages against it.
//
//   node asyncapi.mjs DOCUMENT MESSAGES
//
// MESSAGES is an array of {"address", "headers", "payload"}. What is found is printed, one finding a line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Packages are found from where they were installed, which is the folder that this is run in.
const require = createRequire(process.cwd() + "/");
const Ajv = require("ajv");
const Ajv2020 = require("ajv/dist/2020");
const addFormats = require("ajv-formats");

const [document, messages] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
const findings = [];
const found = (where, validate) =>
  validate.errors?.forEach((error) => findings.push(`${where}${error.instancePath}: ${error.message}`));

const draft07 = addFormats(new Ajv({ strict: false, allErrors: true }));
const specification = require("@asyncapi/specs/schemas/3.0.0-without-$id.json");
const ofSpecification = draft07.compile(specification);
ofSpecification(document);
found("document", ofSpecification);

// Every schema means the same in both drafts.
const compile = (schema) =>
  [Ajv, Ajv2020].map((Draft) => addFormats(new Draft({ strict: true, allowUnionTypes: true, allErrors: true })).compile(schema));
const at = (reference) => reference.split("/").slice(1).reduce((value, key) => value[key], document);
const validators = new Map();
for (const channel of Object.values(document.channels)) {
  const [{ $ref: reference }] = Object.values(channel.messages);
  const message = at(reference);
  const parts = { headers: compile(message.headers), payload: compile(message.payload) };
  validators.set(channel.address, parts);
  for (const example of message.examples) examine(channel.address, example);
}
for (const operation of Object.values(document.operations)) {
  if (!at(operation.channel.$ref) || !operation.messages.every(({ $ref }) => at($ref))) {
    findings.push(`operation ${operation.summary} leads nowhere`);
  }
}
for (const message of messages) examine(message.address, message);

function examine(address, message) {
  const parts = validators.get(address);
  if (!parts) return findings.push(`${address} is no channel`);
  for (const [part, list] of Object.entries(parts)) {
    for (const validate of list) {
      validate(message[part]);
      found(`${address} ${part} ${JSON.stringify(message[part])} `, validate);
    }
  }
}

if (findings.length > 0) {
  console.log(findings.join("\n"));
  process.exit(1);
}
console.log(`${validators.size} channels and ${messages.length} messages fit`);
