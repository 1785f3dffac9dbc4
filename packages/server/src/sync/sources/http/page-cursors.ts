import { limits } from "../../../domain/limits.ts";
import { SourceError } from "../../source.ts";

/**
 * Checks the cursors of one list. A list whose cursors repeat, or that does not end, fails the job instead of occupying it.
 */
export class PageCursors {
  readonly #provider: string;
  #pages = 0;
  /** Compared with each later cursor. It moves ahead in growing steps, so that it reaches a cycle of any length. */
  #mark: string | null = null;
  #markAt = 1;

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** Returns the cursor of the next page. Throws a SourceError if the list goes around in circles or is too long. */
  next(cursor: string): string {
    this.#pages += 1;
    if (cursor.length > limits.apiCursorLengthMax) throw this.#broken("has a cursor that is too long");
    if (cursor === this.#mark) throw this.#broken("repeats a cursor");
    if (this.#pages > limits.apiPagesMax) throw this.#broken(`has more than ${limits.apiPagesMax} pages`);
    if (this.#pages === this.#markAt) {
      this.#mark = cursor;
      this.#markAt *= 2;
    }
    return cursor;
  }

  #broken(fault: string): SourceError {
    return new SourceError(`A list of ${this.#provider} ${fault}, so that it cannot be read to its end.`);
  }
}
