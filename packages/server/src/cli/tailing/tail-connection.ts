import { type ConnectionState, WeftConnectionError } from "@weft/sdk";
import { printable } from "../terminal/printable.ts";

/**
 * Reports the state of the connection. If the very first one fails, no Weft is running, and there is nothing to wait
 * for.
 */
export class TailConnection {
  readonly #over: AbortController;
  readonly #print: (fact: object, line: string) => void;
  #wasConnected = false;
  failure: Error | null = null;

  constructor(over: AbortController, print: (fact: object, line: string) => void) {
    this.#over = over;
    this.#print = print;
  }

  changed(state: ConnectionState): void {
    if (state.isConnected) {
      this.#wasConnected = true;
      this.#print({ event: "connected" }, "● connected");
    } else if (!this.#wasConnected && state.reason instanceof WeftConnectionError) {
      this.failure = state.reason;
      this.#over.abort();
    } else {
      const { message } = state.reason;
      this.#print({ event: "disconnected", reason: message }, printable(`○ connecting… ${message}`));
    }
  }
}
