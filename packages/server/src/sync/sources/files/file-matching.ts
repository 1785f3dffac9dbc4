import { limits } from "../../../domain/limits.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { SourceError, TransientSourceError } from "../../source.ts";
import { matchFiles } from "./match-files.ts";

export interface Globs {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Matches files with a connection's globs in the sandbox. */
export class FileMatching {
  readonly #globs: Globs;
  readonly #sandbox: Pick<Sandbox, "run">;
  readonly #owner: string;

  constructor({ include, exclude }: Globs, { sandbox, owner }: { sandbox: Pick<Sandbox, "run">; owner: string }) {
    this.#globs = { include, exclude };
    this.#sandbox = sandbox;
    this.#owner = owner;
  }

  /** The files of these paths that match, and the folders to search. Throws a SourceError. */
  async match(paths: {
    readonly files: readonly string[];
    readonly folders: readonly string[];
  }): Promise<{ files: string[]; folders: string[] }> {
    const taken = { files: [] as string[], folders: [] as string[] };
    const size = limits.pathsMatchedAtOnce;
    for (let from = 0; from < Math.max(paths.files.length, paths.folders.length); from += size) {
      const some = {
        files: paths.files.slice(from, from + size),
        folders: paths.folders.slice(from, from + size),
      };
      const indexes = await this.#run(some);
      for (const index of indexes.files) taken.files.push(some.files[index] ?? "");
      for (const index of indexes.folders) taken.folders.push(some.folders[index] ?? "");
    }
    return taken;
  }

  async #run(paths: { readonly files: readonly string[]; readonly folders: readonly string[] }) {
    const options = { owner: this.#owner, bytes: 0, timeMs: limits.pathsMatchMs };
    const outcome = await this.#sandbox.run(matchFiles, { ...this.#globs, ...paths }, options);
    switch (outcome.kind) {
      case "done":
        return outcome.value;
      case "failed":
        throw new SourceError(`\`include\` and \`exclude\` cannot be used: ${outcome.message}`);
      case "too_slow":
      case "too_large":
        throw new SourceError("The globs in `include` and `exclude` take too long to be matched. Write simpler ones.");
      case "unavailable":
        throw new TransientSourceError("This Weft is reading too many sources now. Run the sync again later.");
    }
  }
}
