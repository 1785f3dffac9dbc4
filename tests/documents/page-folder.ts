import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./blocks.ts";

/** A folder like a fresh clone, in which the commands of a page run without writing into the repository. */
export class PageFolder implements Disposable {
  readonly path: string;
  /** A folder next to it, for the other data of a page. */
  readonly elsewhere: string;
  readonly #whole = mkdtempSync(join(tmpdir(), "weft-documents-"));

  constructor() {
    this.path = join(this.#whole, "clone");
    this.elsewhere = join(this.#whole, "elsewhere");
    mkdirSync(this.path);
    mkdirSync(this.elsewhere);
    const present = readdirSync(root).filter((name) => !name.startsWith(".") && name !== "reports");
    for (const name of present) symlinkSync(join(root, name), join(this.path, name));
  }

  [Symbol.dispose](): void {
    rmSync(this.#whole, { recursive: true, force: true });
  }
}
