import type { ReadStream, WriteStream } from "node:tty";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Keys by name; what else is typed is the text itself. */
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

/** A terminal in a mode of its own: the whole screen is ours, and keys come as they are pressed. Disposing gives it back. */
export class Terminal implements Disposable {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #onKey: (key: Key) => void;
  readonly #onResize: () => void;
  readonly #hear = (chunk: Buffer) => {
    for (const key of keysIn(chunk.toString())) this.#onKey(key);
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
    input.on("data", this.#hear);
    input.resume();
    output.on("resize", this.#onResize);
    output.write(alternateScreen + hiddenCursor);
  }

  get size(): TerminalSize {
    const { columns, rows } = this.#output;
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** Shows lines from the top. They are printable, may be styled, and each fits in the width. */
  show(lines: readonly string[]): void {
    const { rows } = this.size;
    const shown = lines.slice(0, rows).map((line) => `${line}${restOfLine}`);
    if (!this.#isOver) this.#output.write(`${home}${shown.join("\r\n")}${restOfScreen}`);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#output.off("resize", this.#onResize);
    this.#output.write(shownCursor + firstScreen);
    this.#input.off("data", this.#hear);
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

const sequences: Readonly<Record<string, Key>> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x1b[5~": "pageup",
  "\x1b[6~": "pagedown",
  "\x1b[H": "home",
  "\x1b[1~": "home",
  "\x1b[F": "end",
  "\x1b[4~": "end",
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x1b": "escape",
  "\x03": "quit",
};

/** The keys in what a terminal sends. */
export function keysIn(text: string): Key[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys are sent as control characters.
  const pieces = text.match(/\x1b(?:\[[\d;]*[A-Za-z~]|O[A-Z])|[\s\S]/gu) ?? [];
  return pieces.flatMap((piece) => {
    const key = sequences[piece];
    if (key !== undefined) return [key];
    return /^\P{Cc}$/u.test(piece) ? [piece] : [];
  });
}

/** Styles a text, which must not be styled yet. */
export const styled = {
  bold: (text: string) => `${csi}1m${text}${csi}0m`,
  dim: (text: string) => `${csi}2m${text}${csi}0m`,
  inverse: (text: string) => `${csi}7m${text}${csi}0m`,
  green: (text: string) => `${csi}32m${text}${csi}0m`,
  red: (text: string) => `${csi}31m${text}${csi}0m`,
  yellow: (text: string) => `${csi}33m${text}${csi}0m`,
} as const;
