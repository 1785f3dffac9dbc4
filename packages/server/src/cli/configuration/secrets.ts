import { resolve } from "node:path";
import { CommandError } from "../failure.ts";
import { readTextFile } from "../text-file.ts";
import type { SecretReference } from "./configuration-schema.ts";

/** Reads the secrets that a configuration refers to. */
export class Secrets {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Throws a CommandError for a variable that is not set, and a file that cannot be read. */
  read(reference: string | SecretReference): string {
    if (typeof reference === "string") return reference;
    if ("env" in reference) {
      const value = this.#env[reference.env];
      if (value !== undefined && value !== "") return value;
      throw new CommandError(
        2,
        `The environment variable ${reference.env} is not set. The configuration refers to it.`,
      );
    }
    return readTextFile(resolve(this.#folder, reference.file)).replace(/\r?\n$/, "");
  }

  readAll(references: Readonly<Record<string, string | SecretReference>>): Record<string, string> {
    return Object.fromEntries(Object.entries(references).map(([name, reference]) => [name, this.read(reference)]));
  }
}

export function isSecret(reference: string | SecretReference): reference is SecretReference {
  return typeof reference !== "string";
}
