import { Terminal } from "../terminal/terminal.ts";
import type { ListenedAttempt } from "./listening.ts";
import { screenOf, viewAfter } from "./view.ts";
import { firstView, type Header } from "./view-state.ts";

const drawEveryMs = 40;

export interface ScreenParts {
  readonly title: string;
  readonly secret: string;
  readonly seen: () => readonly ListenedAttempt[];
  readonly onQuit: () => void;
  /** Returns the notice about it. */
  readonly onResend: (seen: ListenedAttempt) => Promise<string>;
}

/** A listener on a terminal. */
export class ListenScreen implements Disposable {
  readonly #parts: ScreenParts;
  readonly #terminal: Terminal;
  #view = firstView;
  #header: Header;
  #timer: NodeJS.Timeout | null = null;

  constructor(process: NodeJS.Process, parts: ScreenParts) {
    this.#parts = parts;
    this.#header = { title: parts.title, secret: parts.secret, isConnected: false, notice: "" };
    this.#terminal = new Terminal(
      { input: process.stdin, output: process.stdout },
      { onKey: (key) => this.#press(key), onResize: () => this.changed() },
    );
    this.changed();
  }

  update(change: Partial<Pick<Header, "isConnected" | "notice">>): void {
    this.#header = { ...this.#header, ...change };
    this.changed();
  }

  /** Draws soon. Many changes at once are drawn once. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const { size } = this.#terminal;
      this.#terminal.show(screenOf(this.#view, this.#parts.seen(), this.#header, size));
    }, drawEveryMs);
  }

  #press(key: string): void {
    const { view, action } = viewAfter(this.#view, key, this.#parts.seen(), this.#terminal.size);
    this.#view = view;
    this.changed();
    if (action?.kind === "quit") this.#parts.onQuit();
    if (action?.kind === "resend") void this.#parts.onResend(action.seen).then((notice) => this.update({ notice }));
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#terminal[Symbol.dispose]();
  }
}
