/** Whether a message goes to who named channels: to one of those that it was published to. Who named none takes all. */
export function passesChannels(wanted: readonly string[] | null, given: readonly string[] | null): boolean {
  if (wanted === null) return true;
  return given !== null && wanted.some((channel) => given.includes(channel));
}
