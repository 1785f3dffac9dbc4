/** Calls what a user of the kit wants to be told with. One that fails must not cost a sender its answer, nor stop work. */
export function tell(hook: () => void): void {
  try {
    hook();
  } catch (error) {
    printError(error);
  }
}

export function printError(error: unknown): void {
  // biome-ignore lint/suspicious/noConsole: an error without a hook must still be visible
  console.error("Weft receiver:", error);
}
