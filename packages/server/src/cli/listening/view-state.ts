import type { ListenedAttempt } from "./listening.ts";

export interface View {
  readonly mode: "list" | "detail" | "filter";
  /** Null: the newest, whichever that is. */
  readonly selected: ListenedAttempt | null;
  readonly filter: string;
  /** Lines of the detail that are above the screen. */
  readonly scroll: number;
}

export const firstView: View = { mode: "list", selected: null, filter: "", scroll: 0 };

export interface Header {
  readonly title: string;
  readonly secret: string;
  readonly isConnected: boolean;
  /** What happened last, for a person. */
  readonly notice: string;
}
