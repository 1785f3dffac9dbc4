import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const server = "packages/server";

/** A Weft of another version, in a folder of its own, with the dependencies of this one. */
export class OtherBuild implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "weft-build-"));

  private constructor() {
    for (const part of ["node_modules", `${server}/node_modules`, `${server}/dist`]) {
      if (!existsSync(join(root, part))) continue;
      mkdirSync(join(this.#folder, part, ".."), { recursive: true });
      symlinkSync(join(root, part), join(this.#folder, part));
    }
  }

  /** This version with further migrations, by their file names. */
  static newer(migrations: Readonly<Record<string, string>>): OtherBuild {
    const build = new OtherBuild();
    for (const part of ["bin", "src", "package.json"]) {
      cpSync(join(root, server, part), join(build.#folder, server, part), { recursive: true });
    }
    for (const [name, text] of Object.entries(migrations)) {
      writeFileSync(join(build.#folder, server, "src/store/postgres/migrations", name), text);
    }
    return build;
  }

  /** The version of a commit. */
  static at(commit: string): OtherBuild {
    const build = new OtherBuild();
    const paths = ["bin", "src", "package.json"].map((part) => `${server}/${part}`);
    const archive = execFileSync("git", ["archive", commit, ...paths], { cwd: root, maxBuffer: 256 * 1024 * 1024 });
    execFileSync("tar", ["-x", "-C", build.#folder], { input: archive });
    return build;
  }

  /** Whether this clone has a commit. */
  static hasCommit(commit: string): boolean {
    return spawnSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: root }).status === 0;
  }

  /** Its `bin/weft.js`. */
  get program(): string {
    return join(this.#folder, server, "bin/weft.js");
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
