import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./blocks.ts";

/** A folder like a fresh clone, to run what a page says in: what is written there does not come into the repository. */
export class PageFolder implements Disposable {
  readonly path: string;
  /** Beside it, for what a page keeps elsewhere. */
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

/**
 * A port that nobody listens on. It lies below those that systems hand out by themselves, so that no connection of another
 * test takes it before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
