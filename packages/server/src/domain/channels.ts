/**
 * Whether a message matches a subscription's channels: it must be published to one of them. Without channels, every message
 * matches.
 */
export function matchesChannels(channels: readonly string[] | null, given: readonly string[] | null): boolean {
  if (channels === null) return true;
  return given !== null && channels.some((channel) => given.includes(channel));
}
