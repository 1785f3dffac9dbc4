import { emitKeypressEvents, type Key as KeyPress } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { styleText } from "node:util";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Keys by name; any other key is its text. */
export type Key =
  | "up"
  | "down"
  | "pageup"
  | "pagedown"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "backspace"
  | "quit"
  | (string & {});

/**
 * A terminal in a mode of its own: the program draws the whole screen, and keys arrive as they are pressed. Disposing
 * restores it.
 */
export class Terminal implements Disposable {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #onKey: (key: Key) => void;
  readonly #onResize: () => void;
  readonly #hear = (text: string | undefined, press: KeyPress) => {
    const key = keyOf(text, press);
    if (key !== null) this.#onKey(key);
  };
  #isOver = false;

  constructor(
    { input, output }: { readonly input: ReadStream; readonly output: WriteStream },
    { onKey, onResize }: { readonly onKey: (key: Key) => void; readonly onResize: () => void },
  ) {
    this.#input = input;
    this.#output = output;
    this.#onKey = onKey;
    this.#onResize = onResize;
    input.setRawMode(true);
    emitKeypressEvents(input);
    input.on("keypress", this.#hear);
    input.resume();
    output.on("resize", this.#onResize);
    output.write(alternateScreen + hiddenCursor);
  }

  get size(): TerminalSize {
    const { columns, rows } = this.#output;
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** Shows lines from the top. They must be printable, may be styled, and each must fit in the width. */
  show(lines: readonly string[]): void {
    const { rows } = this.size;
    const shown = lines.slice(0, rows).map((line) => `${line}${restOfLine}`);
    if (!this.#isOver) this.#output.write(`${home}${shown.join("\r\n")}${restOfScreen}`);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#output.off("resize", this.#onResize);
    this.#output.write(shownCursor + firstScreen);
    this.#input.off("keypress", this.#hear);
    this.#input.setRawMode(false);
    this.#input.pause();
  }
}

const csi = "\x1b[";
const alternateScreen = `${csi}?1049h`;
const firstScreen = `${csi}?1049l`;
const hiddenCursor = `${csi}?25l`;
const shownCursor = `${csi}?25h`;
const home = `${csi}H`;
const restOfLine = `${csi}K`;
const restOfScreen = `${csi}J`;

const names: ReadonlySet<string> = new Set(["up", "down", "pageup", "pagedown", "home", "end", "escape", "backspace"]);

/** The key of a `keypress` event; null for a key that no view uses. */
export function keyOf(text: string | undefined, { name, ctrl, sequence }: KeyPress): Key | null {
  // Ctrl-C right after Escape arrives as one sequence.
  if (sequence?.endsWith("\u0003") === true) return "quit";
  if (ctrl === true) return null;
  if (name === "return" || name === "enter") return "enter";
  if (name !== undefined && names.has(name)) return name;
  return text !== undefined && /^\P{Cc}$/u.test(text) ? text : null;
}

/** Styles a text. */
export const styled = {
  bold: styling("bold"),
  dim: styling("dim"),
  inverse: styling("inverse"),
  green: styling("green"),
  red: styling("red"),
  yellow: styling("yellow"),
} as const;

// Only views on a terminal use them, so styleText need not look at the stream.
function styling(format: Parameters<typeof styleText>[0]): (text: string) => string {
  return (text) => styleText(format, text, { validateStream: false });
}
