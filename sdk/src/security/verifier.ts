import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { bearerToken } from "./bearer.ts";
import { type Claims, hasRole, type Role, unfitClaim } from "./claims.ts";
import { Refusal } from "./refusal.ts";

/** Whose tokens are let in. */
export interface VerifierOptions {
  /** Where the service's API is, base path included; its keys are at `/.well-known/jwks.json` below that. */
  readonly baseUrl?: string | URL;
  /** Where the keys are, in place of `baseUrl`. */
  readonly jwksUrl?: string | URL;
  /** Who has to have made the tokens: the service's `CC_LITE_ISSUER`, `cc-lite` by default. */
  readonly issuer?: string;
  /** Whom they have to be for: its `CC_LITE_AUDIENCE`, `cc-lite` by default. */
  readonly audience?: string;
  /** For how many milliseconds keys that were read are good: how long a revoked key may still be accepted. By default, and at most, 60000, which rotation counts on. */
  readonly cacheMaxAge?: number;
  /** For how many milliseconds after the keys were read an unknown key does not have them read again. By default 1000, at most 5000. */
  readonly cooldown?: number;
  /** For how many milliseconds to wait for the keys. By default 5000. */
  readonly timeout?: number;
}

/** Verifies access tokens of one service. Make one and keep it: it holds the keys. */
export interface Verifier {
  /** What a token says, once it is known to be good. Throws a {@link Refusal}. */
  verify(token: string): Promise<Claims>;
  /** The same for the value of an `Authorization` header; with `role`, only for who may do what that role may. Throws a {@link Refusal}. */
  authorize(authorization: string | null | undefined, role?: Role): Promise<Claims>;
}

/** How far clocks of issuer and verifier may be apart, in seconds: as far as the service allows. */
const CLOCK_TOLERANCE = 5;
/** The longest life of an access token that any setting of the service allows. */
const LONGEST_LIFE = "24h";

/**
 * Makes a {@link Verifier}. It accepts what the service makes and nothing else: Ed25519 signatures (`alg` EdDSA, or Ed25519
 * as RFC 9864 names it) of the keys that the service publishes, its issuer, its audience, tokens of type `access`, and all
 * of their claims. Keys are read when they are first needed, again when they are old, and when a token names an unknown one.
 *
 * What ends a session (a logout, a disabled account) is not seen here, only a token's end and its key: ask the service's
 * `/auth/me` where that matters.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const {
    issuer = "cc-lite",
    audience = "cc-lite",
    cacheMaxAge = 60_000,
    cooldown = 1000,
    timeout = 5000,
  } = options;
  const url = keysUrl(options);
  if (!(cacheMaxAge > 0 && cacheMaxAge <= 60_000)) {
    throw new RangeError(
      `cacheMaxAge is ${cacheMaxAge}: give 1 to 60000 milliseconds, which key rotation counts on.`,
    );
  }
  if (!(cooldown >= 0 && cooldown <= 5000)) {
    throw new RangeError(
      `cooldown is ${cooldown}: give 0 to 5000 milliseconds, so that new keys are found in time.`,
    );
  }
  const published = createRemoteJWKSet(url, {
    cacheMaxAge,
    cooldownDuration: cooldown,
    timeoutDuration: timeout,
  });
  const keys: JWTVerifyGetKey = (header, token) => {
    // Without one any single key that is published would do, now or after a rotation.
    if (typeof header?.kid !== "string") throw new errors.JWSInvalid("the header names no key");
    return published(header, token).catch((error) => {
      // A key goes by either name of its algorithm, and a token may have the other one.
      const other = header.alg === "EdDSA" ? "Ed25519" : "EdDSA";
      if (error instanceof errors.JWKSNoMatchingKey) return published({ ...header, alg: other }, token);
      throw error;
    });
  };
  const rules = {
    algorithms: ["EdDSA", "Ed25519"],
    issuer,
    audience,
    typ: "JWT",
    clockTolerance: CLOCK_TOLERANCE,
    maxTokenAge: LONGEST_LIFE,
    requiredClaims: ["sub", "sid", "exp", "nbf", "iat", "jti"],
  };

  const verify = async (token: string): Promise<Claims> => {
    const { payload } = await jwtVerify(token, keys, rules).catch((error) => {
      throw refusalOf(error, token, { issuer, audience, url });
    });
    if (payload.type !== "access") {
      throw new Refusal(
        "token-invalid",
        "This is a refresh token: send the access_token of the same answer.",
      );
    }
    const unfit = unfitClaim(payload);
    if (unfit) throw invalid(`Its claim ${unfit} is missing or not as cc-lite makes it`);
    return payload as unknown as Claims;
  };
  return {
    verify,
    authorize: async (authorization, role) => {
      const claims = await verify(bearerToken(authorization));
      if (role && !hasRole(claims, role)) {
        throw new Refusal(
          "forbidden",
          `This needs the role ${role}, and yours is ${claims.role}: ask an administrator.`,
        );
      }
      return claims;
    },
  };
}

function keysUrl({ baseUrl, jwksUrl }: VerifierOptions): URL {
  if (jwksUrl !== undefined) return new URL(jwksUrl);
  if (baseUrl === undefined)
    throw new TypeError("Give baseUrl, where the service's API is, or jwksUrl, where its keys are.");
  return new URL(`${`${baseUrl}`.replace(/\/+$/, "")}/.well-known/jwks.json`);
}

const invalid = (why: string, cause?: unknown) =>
  new Refusal("token-invalid", `${why}: log in again.`, cause);

function refusalOf(
  error: unknown,
  token: string,
  { issuer, audience, url }: { issuer: string; audience: string; url: URL },
): Refusal {
  if (error instanceof errors.JWTExpired) {
    return new Refusal("token-expired", "The token has ended: refresh it, or log in again.", error);
  }
  // Whose key is not known is told by what the token says of itself; it is refused either way.
  const claim =
    error instanceof errors.JWKSNoMatchingKey
      ? decodeJwt(token).iss !== issuer && "iss"
      : error instanceof errors.JWTClaimValidationFailed && error.claim;
  if (claim === "iss") {
    const hint = "if it should be, set the verifier's issuer to the service's CC_LITE_ISSUER";
    return invalid(`It is not of the issuer ${issuer} (${hint})`, error);
  }
  if (claim === "aud") {
    const hint = "if it should be, set the verifier's audience to the service's CC_LITE_AUDIENCE";
    return invalid(`It is not for ${audience} (${hint})`, error);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return invalid(`Its claim ${error.claim} does not fit (${error.reason})`, error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return invalid("It is not signed by EdDSA, as all tokens of cc-lite are", error);
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return invalid("It is signed with a key that the service does not publish (any more)", error);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return invalid("Its signature is not right", error);
  }
  if (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JOSENotSupported
  ) {
    return invalid("It is no token that can be read", error);
  }
  // The keys could not be read: nothing is known about the token.
  return new Refusal(
    "keys-unavailable",
    `The keys at ${url.origin}${url.pathname} cannot be read now: try again in a moment.`,
    error,
  );
}
