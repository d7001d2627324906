/** What users may do: admins all that supervisors may, and supervisors all that agents may. */
export type Role = "admin" | "supervisor" | "agent";

/** What an access token says (RFC 7519). */
export interface Claims {
  /** The user's id. */
  readonly sub: string;
  /** Their address of mail. */
  readonly email: string;
  /** What they may do. */
  readonly role: Role;
  /** Their organisation. */
  readonly org: string;
  /** The session: all tokens that came of one login. */
  readonly sid: string;
  /** What the token is for. */
  readonly type: "access";
  /** Who made it. */
  readonly iss: string;
  /** Whom it is for. */
  readonly aud: string;
  /** When it ends, in seconds since 1970. */
  readonly exp: number;
  /** When it was made, in seconds since 1970. */
  readonly iat: number;
  /** When it begins to be good, in seconds since 1970. */
  readonly nbf: number;
  /** The token's own name. */
  readonly jti: string;
}

/** From the least to the most. */
const ROLES: readonly Role[] = ["agent", "supervisor", "admin"];

/** Whether somebody may do what `needed` may: admins may do all that supervisors may, and these all that agents may. */
export function hasRole(claims: Pick<Claims, "role">, needed: Role): boolean {
  return ROLES.indexOf(claims.role) >= ROLES.indexOf(needed);
}

/** The first claim that is missing or not of its type, of those that a JWT library does not check; `undefined` when all fit. */
export function unfitClaim(payload: Record<string, unknown>): string | undefined {
  const texts = ["sub", "email", "org", "sid", "jti", "iss", "aud"];
  const numbers = ["exp", "iat", "nbf"];
  return (
    texts.find((name) => typeof payload[name] !== "string" || payload[name] === "") ??
    numbers.find((name) => typeof payload[name] !== "number") ??
    (ROLES.includes(payload.role as Role) ? undefined : "role")
  );
}
