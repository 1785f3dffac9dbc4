/**
 * The proxy failed, so that no byte of a request was sent. The message is a sentence without an address, for the owner of a
 * subscription. It has no cause, because errors of libraries contain the proxy's credentials.
 */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
}

/** The proxy reported that it could not connect to the host. It has the form of a failed connection of Node. */
export class HostUnreachableError extends Error {
  override readonly name = "HostUnreachableError";
  readonly syscall = "connect";
  readonly code: string;

  constructor(code: string) {
    super("The proxy could not connect to the host.");
    this.code = code;
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
