import { type ConnectionState, WeftConnectionError } from "@weft/sdk";
import { printable } from "../terminal/printable.ts";

/** Tells how the connection goes. Where the very first one cannot be made, there is no Weft, and nothing to wait for. */
export class TailConnection {
  readonly #over: AbortController;
  readonly #tell: (fact: object, line: string) => void;
  #wasConnected = false;
  failure: Error | null = null;

  constructor(over: AbortController, tell: (fact: object, line: string) => void) {
    this.#over = over;
    this.#tell = tell;
  }

  changed(state: ConnectionState): void {
    if (state.isConnected) {
      this.#wasConnected = true;
      this.#tell({ event: "connected" }, "● connected");
    } else if (!this.#wasConnected && state.reason instanceof WeftConnectionError) {
      this.failure = state.reason;
      this.#over.abort();
    } else {
      const { message } = state.reason;
      this.#tell({ event: "disconnected", reason: message }, printable(`○ connecting … ${message}`));
    }
  }
}
