/** Every limit and default of verifying and routing; those of `once` and of the inbox are next to their options. */
export const limits = {
  /** Larger bodies get a 413, unless the receiver sets its own limit. */
  bodyBytesMax: 1024 * 1024,
  messageIdCharsMax: 256,
  /** Room for `signaturesMax` signatures of either version. */
  signatureHeaderCharsMax: 4096,
  /** The number of entries of the signature header that are examined; a sender uses one for each live secret. */
  signaturesMax: 32,
  /** The year 5138. A greater number is most likely a time in milliseconds. */
  timestampSecondsMax: 99_999_999_999,
  toleranceSeconds: 300,
  /** The longest wait that a sender can be asked for. */
  retryAfterSecondsMax: 86_400,
} as const;
