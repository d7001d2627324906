import { Refusal } from "./refusal.ts";

/** The longest token that is looked at, in characters: the service makes none that is longer. */
const LONGEST = 4096;

/** The token of an `Authorization` header (RFC 6750, section 2.1). Throws a {@link Refusal}. */
export function bearerToken(authorization: string | null | undefined): string {
  const [, scheme, rest] = /^(\S+)(?: +(.*))?$/.exec(authorization ?? "") ?? [];
  if (scheme?.toLowerCase() !== "bearer") {
    throw new Refusal(
      "token-missing",
      "Log in, and send the access token as `Authorization: Bearer <token>`.",
    );
  }
  if (!rest || !/^[\w.~+/-]+=*$/.test(rest) || rest.length > LONGEST) {
    throw new Refusal(
      "malformed-request",
      "The header Authorization holds no token: send it as `Authorization: Bearer <token>`.",
    );
  }
  return rest;
}
