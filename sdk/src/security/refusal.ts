/** Why somebody is not let in. */
export type RefusalCode =
  | "token-missing"
  | "malformed-request"
  | "token-invalid"
  | "token-expired"
  | "forbidden"
  | "keys-unavailable";

/** Per reason: the HTTP status, the title for people, and the error of RFC 6750 (section 3.1). */
const KINDS: Record<RefusalCode, { status: number; title: string; error?: string }> = {
  "token-missing": { status: 401, title: "An access token is missing" },
  "malformed-request": { status: 400, title: "The request cannot be read", error: "invalid_request" },
  "token-invalid": { status: 401, title: "The access token is not valid", error: "invalid_token" },
  "token-expired": { status: 401, title: "The access token has expired", error: "invalid_token" },
  forbidden: { status: 403, title: "This role may not do that", error: "insufficient_scope" },
  "keys-unavailable": { status: 503, title: "Access tokens cannot be checked now" },
};

/** What is answered to who is refused. */
export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A document of `application/problem+json` (RFC 9457), as text. */
  readonly body: string;
}

/** Somebody is not let in. The message says why and what to do, and holds nothing of the token. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Why, for programs. */
  readonly code: RefusalCode;
  /** The HTTP status to answer with. */
  readonly status: number;

  constructor(code: RefusalCode, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = KINDS[code].status;
  }

  /** The answer: problem+json with `WWW-Authenticate` as RFC 6750 (section 3) wants it. */
  answer(): RefusalAnswer {
    const { status, title, error } = KINDS[this.code];
    const headers: Record<string, string> = {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    };
    if (status === 503) headers["retry-after"] = "1";
    else headers["www-authenticate"] = challenge(error, this.message);
    const body = JSON.stringify({
      type: `urn:cc-lite:problem:${this.code}`,
      title,
      status,
      detail: this.message,
    });
    return { status, headers, body };
  }
}

function challenge(error: string | undefined, description: string): string {
  const realm = 'Bearer realm="cc-lite"';
  // Quotes, backslashes and what is not ASCII may not stand in a description.
  const words = description.replaceAll(/[^\x20-\x7e]|["\\]/g, "'");
  return error ? `${realm}, error="${error}", error_description="${words}"` : realm;
}
