/**
 * Whether a message matches a subscription's channels: it must be published to one of them. Without channels, every message
 * matches.
 */
export function passesChannels(wanted: readonly string[] | null, given: readonly string[] | null): boolean {
  if (wanted === null) return true;
  return given !== null && wanted.some((channel) => given.includes(channel));
}
