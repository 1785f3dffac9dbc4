/** Every limit and default of verifying and routing; those of `once` and of the inbox stand beside their options. */
export const limits = {
  /** Larger bodies are answered 413, unless the receiver sets its own limit. */
  bodyBytesMax: 1024 * 1024,
  messageIdCharsMax: 256,
  /** Room for `signaturesMax` signatures of either version. */
  signatureHeaderCharsMax: 4096,
  /** Entries of the signature header that are looked at; a sender uses one for each live secret. */
  signaturesMax: 32,
  /** The year 5138. A greater number is most likely a time in milliseconds. */
  timestampSecondsMax: 99_999_999_999,
  toleranceSeconds: 300,
  /** The longest wait that a sender is asked for. */
  retryAfterSecondsMax: 86_400,
} as const;
