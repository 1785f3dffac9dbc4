import { limits } from "../domain/limits.ts";

/** Something that a page may show, and its size in the page. */
export interface Sized {
  /** The bytes of the large columns. The rest of a row is not counted. */
  readonly bytes: number;
}

/** The bytes that one page of a list may still have. */
export class PageBytes {
  #left: number;
  #isEmpty = true;
  #isFull = false;

  constructor(bytes: number = limits.pageBytesMax) {
    this.#left = bytes;
  }

  /** Whether something did not fit, so that the page ends before it. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Returns the things that fit, in their order. The first one of a page always fits, so that every page leads on. */
  take<Thing extends Sized>(things: readonly Thing[]): Thing[] {
    const taken: Thing[] = [];
    for (const thing of things) {
      this.#isFull ||= !this.#isEmpty && thing.bytes > this.#left;
      if (this.#isFull) break;
      this.#left -= thing.bytes;
      this.#isEmpty = false;
      taken.push(thing);
    }
    return taken;
  }
}
