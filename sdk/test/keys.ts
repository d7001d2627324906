// The key directory of a running service, changed as docs/service.md has it ("Keys and their renewal").
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Service } from "./service.ts";
import { eventually } from "./wait.ts";

/** A pair of Ed25519 keys. */
export interface KeyPair {
  readonly kid: string;
  readonly jwk: JWK;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Makes a pair as the operator does: the id is the key's RFC 7638 thumbprint. */
export async function makeKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { kty, crv, x } = publicKey.export({ format: "jwk" }) as JWK;
  const bare = { kty, crv, x } as JWK;
  const kid = await calculateJwkThumbprint(bare);
  return { kid, jwk: { ...bare, kid, alg: "EdDSA", use: "sig" }, publicKey, privateKey };
}

/** The public keys in the directory. */
export async function published(service: Service): Promise<JWK[]> {
  return JSON.parse(await service.read(".keys/jwks.json")).keys;
}

/** Puts these public keys in the directory and waits until the service accepts them and no others. */
export async function publish(service: Service, keys: JWK[]): Promise<void> {
  await put(service, "jwks.json", JSON.stringify({ keys }));
  const kids = keys.map(({ kid }) => kid).sort();
  await eventually(`the service to accept ${kids.join(" and ")}`, async () => {
    const { accepted } = await inForce(service);
    return JSON.stringify(accepted.sort()) === JSON.stringify(kids);
  });
}

/** Has the service sign with this pair, whose public half is published already. */
export async function signWith(service: Service, pair: KeyPair): Promise<void> {
  await put(
    service,
    "ed25519_private.pem",
    pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  );
  await put(service, "ed25519_public.pem", pair.publicKey.export({ format: "pem", type: "spki" }).toString());
  await eventually(
    `the service to sign with ${pair.kid}`,
    async () => (await inForce(service)).signing === pair.kid,
  );
}

/** The private key that the service signs with. */
export async function signingKey(service: Service): Promise<string> {
  return service.read(".keys/ed25519_private.pem");
}

async function inForce(service: Service): Promise<{ signing: string; accepted: string[] }> {
  return (await fetch(`${service.managementUrl}/keys`)).json() as never;
}

async function put(service: Service, name: string, text: string): Promise<void> {
  const path = join(service.keys, name);
  const current = await readFile(path, "utf8");
  if (current === text) return;
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
