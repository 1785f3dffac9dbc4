/**
 * Why a webhook was refused.
 *
 * - `missing_header`: neither the `svix-*` nor the `webhook-*` headers are complete
 * - `invalid_message_id`: empty or longer than 256 characters; when signing also: has a dot or a character no header carries
 * - `invalid_timestamp`: not a whole number of Unix seconds
 * - `timestamp_too_old`, `timestamp_too_new`: further from now than the tolerance
 * - `invalid_signature_header`: not a list of `version,signature`, or longer than 4,096 characters
 * - `no_matching_signature`: none of the signatures was made with the secret over this body
 * - `invalid_payload`: the body is not raw text or bytes, or is signed but not a JSON object with an `event_type`
 * - `invalid_secret`, `invalid_option`: the receiver is misconfigured; the request may be good
 */
export type VerificationErrorCode =
  | "missing_header"
  | "invalid_message_id"
  | "invalid_timestamp"
  | "timestamp_too_old"
  | "timestamp_too_new"
  | "invalid_signature_header"
  | "no_matching_signature"
  | "invalid_payload"
  | "invalid_secret"
  | "invalid_option";

/** The one error of this package: `code` to branch on, `message` as a sentence. Neither contains a secret. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
  readonly code: VerificationErrorCode;

  constructor(code: VerificationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
