/** A value as JSON; null when it is nested too deeply to be printed: what can be parsed may be. */
export function printedOrNull(value: object): string | null {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
