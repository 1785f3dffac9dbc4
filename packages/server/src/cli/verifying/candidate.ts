/** What can be said of a request that does not verify. */
export type FindingCode =
  | "missing_header"
  | "other_family"
  | "headers_unreadable"
  | "stale"
  | "early"
  | "other_version"
  | "secret_unreadable"
  | "secret_read_differently"
  | "wrong_secret"
  | "body_cut"
  | "body_changed"
  | "id_changed"
  | "timestamp_changed"
  | "signature_changed";

export interface SignatureFinding {
  readonly code: FindingCode;
  /** A sentence for a person. Tells no secret. */
  readonly text: string;
}

/** One thing that may have been meant in place of what came, and what then is wrong with what came; nothing for itself. */
export interface Candidate<Value> {
  readonly value: Value;
  readonly finding: SignatureFinding | null;
}
