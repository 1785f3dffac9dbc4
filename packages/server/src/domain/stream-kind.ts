/** The kinds of changes that streams report. */
export const streamKinds = ["message", "attempt", "subscription", "sync_job"] as const;
export type StreamKind = (typeof streamKinds)[number];
