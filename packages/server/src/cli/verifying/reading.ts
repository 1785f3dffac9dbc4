export type FindingCode =
  | "missing_header"
  | "header_changed"
  | "stale"
  | "early"
  | "other_version"
  | "secret_unreadable"
  | "secret_read_differently"
  | "wrong_secret"
  | "body_cut"
  | "body_changed";

/** A reason why a request does not verify. */
export interface SignatureFinding {
  readonly code: FindingCode;
  /** A sentence for people, without secrets. */
  readonly text: string;
}

/** One reading of a part of a request or of a secret. The finding is null for the part as it was received. */
export interface Reading<Value> {
  readonly value: Value;
  readonly finding: SignatureFinding | null;
}
