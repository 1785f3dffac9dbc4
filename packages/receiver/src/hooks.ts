/** Calls a hook of the kit's user. An error in it must not prevent the response, nor stop work. */
export function callHook(hook: () => void): void {
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
