export type * from "./events.ts";
export {
  formatPrivateKey,
  formatPublicKey,
  type PrivateKey,
  type PublicKey,
  parseKey,
  parseSigningKey,
  type SharedKey,
} from "./key.ts";
export { type OnceHold, type OnceOutcome, type OnceStore, once } from "./once/once.ts";
export { createReceiver, type Receiver, type ReceiverOptions } from "./receive-request.ts";
export { parseEvent, type ReceivedEvent, type UnlistedEvent, type UnlistedEventType } from "./received-event.ts";
export { Decline, gone, type ReceiverResponse, tryLater } from "./response.ts";
export { createRouter, type Handler, type MessageContext, type Router, type RouterOptions } from "./router.ts";
export { formatSecret, parseSecret, type Secrets, signedContent } from "./secret.ts";
export { type SignedHeaders, type SignOptions, sign, signedHeaders } from "./signature.ts";
export { type VerificationErrorCode, WebhookVerificationError } from "./verification-error.ts";
export { type VerifiedMessage, type VerifyOptions, verify, verifySignature } from "./verify.ts";
export type { WebhookHeaders } from "./webhook-headers.ts";
