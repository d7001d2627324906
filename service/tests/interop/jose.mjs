// npm's jose, asked by a test: a request in JSON on standard input, its answer on standard output. Runs in the folder
// that has jose installed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const jose = createRequire(`${process.cwd()}/`)("jose");

const actions = {
  async verify({ jwks, token, issuer, audience, required }) {
    const keys = jose.createRemoteJWKSet(new URL(jwks));
    const expected = { issuer, audience, requiredClaims: required, algorithms: ["EdDSA"], typ: "JWT" };
    return (await jose.jwtVerify(token, keys, expected)).payload;
  },
  async sign({ key, algorithm, header, claims }) {
    const privateKey = await jose.importPKCS8(readFileSync(key, "utf8"), algorithm);
    const protectedHeader = { alg: algorithm, typ: "JWT", ...header };
    return Promise.all(
      claims.map((each) => new jose.SignJWT(each).setProtectedHeader(protectedHeader).sign(privateKey)),
    );
  },
};

const { action, ...request } = JSON.parse(readFileSync(0, "utf8"));
let answer;
try {
  answer = { answer: await actions[action](request) };
} catch (error) {
  if (!(error instanceof jose.errors.JOSEError)) throw error;
  answer = { refused: error.code };
}
process.stdout.write(JSON.stringify(answer));
