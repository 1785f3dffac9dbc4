import type { ListenedAttempt } from "./listening.ts";

export interface View {
  readonly mode: "list" | "detail" | "filter";
  /** Null selects the newest one. */
  readonly selected: ListenedAttempt | null;
  readonly filter: string;
  /** The number of lines of the detail above the screen. */
  readonly scroll: number;
}

export const firstView: View = { mode: "list", selected: null, filter: "", scroll: 0 };

export interface Header {
  readonly title: string;
  readonly secret: string;
  readonly isConnected: boolean;
  /** The last notice. */
  readonly notice: string;
}
