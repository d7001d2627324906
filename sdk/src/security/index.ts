/**
 * Verifies access tokens of cc-lite by the keys that it publishes, for gateways and other modules.
 *
 * @module
 */
export { bearerToken } from "./bearer.ts";
export { type Claims, hasRole, type Role } from "./claims.ts";
export {
  claimsOf,
  type ExpressRequest,
  type ExpressResponse,
  expressGuard,
  type FastifyReply,
  fastifyGuard,
  type GuardOptions,
  guard,
} from "./middleware.ts";
export { Refusal, type RefusalAnswer, type RefusalCode } from "./refusal.ts";
export { createVerifier, type Verifier, type VerifierOptions } from "./verifier.ts";
