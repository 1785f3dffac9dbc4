import { join } from "node:path";
import { parsePrintable } from "../../../domain/json-text.ts";
import { limits } from "../../../domain/limits.ts";
import type { SingerTap } from "../../../domain/singer-tap.ts";
import { SourceError } from "../../source.ts";
import { makeJobFolder, removeFolder, writeSecretFile } from "../programs/job-folder.ts";
import { TapCatalog } from "./tap-catalog.ts";
import { isObject } from "./tap-messages.ts";
import { TapProcess } from "./tap-process.ts";
import { TapSecrets } from "./tap-secrets.ts";

export interface OpenTapParts {
  readonly name: string;
  readonly tap: SingerTap;
  /** The user's configuration of the tap. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The operator's environment, of which little is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

const inherited = ["PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"];

/** A tap with its configuration in a temporary folder, which is deleted with it. */
export class OpenedTap implements AsyncDisposable {
  readonly #parts: OpenTapParts;
  readonly #folder: string;
  readonly #secrets: TapSecrets;

  private constructor(folder: string, parts: OpenTapParts) {
    this.#folder = folder;
    this.#parts = parts;
    this.#secrets = new TapSecrets([parts.config, parts.tap.config, parts.tap.environment]);
  }

  static async open(parts: OpenTapParts): Promise<OpenedTap> {
    const tap = new OpenedTap(await makeJobFolder("singer"), parts);
    try {
      await tap.#write("config.json", JSON.stringify({ ...parts.config, ...parts.tap.config }));
      return tap;
    } catch (error) {
      await tap[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs the tap in discovery mode. */
  async discover(): Promise<TapCatalog> {
    const { name, tap } = this.#parts;
    const bounds = {
      runMsMax: Math.min(tap.runMsMax, limits.singerDiscoverMs),
      // A catalog is one text of many lines, or of one.
      lineBytesMax: limits.singerCatalogBytesMax,
      outputBytesMax: Math.min(tap.outputBytesMax, 4 * limits.singerCatalogBytesMax),
    };
    const lines: string[] = [];
    let length = 0;
    for await (const piece of this.#start(["--discover"], { ...tap, ...bounds }).lines()) {
      for (const line of piece) length += line.length;
      if (length > limits.singerCatalogBytesMax) {
        throw new SourceError(`The catalog of the tap ${name} is too large: the limit is 4 MiB.`);
      }
      lines.push(...piece);
    }
    return new TapCatalog(name, lines.join("\n"));
  }

  /** The lines that the tap writes from a state, for the streams of a catalog, in pieces. Leaving the iteration ends the tap. */
  async *read(catalog: TapCatalog | null, state: string | null): AsyncGenerator<readonly string[]> {
    const { tap } = this.#parts;
    const args: string[] = [];
    if (catalog !== null) args.push(`--${tap.catalogFlag}`, await this.#write("catalog.json", catalog.text));
    if (state !== null) args.push("--state", await this.#write("state.json", state));
    yield* this.#start(args, tap).lines();
  }

  #start(args: readonly string[], tap: SingerTap): TapProcess {
    const { name, environment, note, signal } = this.#parts;
    return new TapProcess(["--config", join(this.#folder, "config.json"), ...args], {
      name,
      tap,
      folder: this.#folder,
      environment: {
        ...Object.fromEntries(inherited.flatMap((each) => (environment[each] ? [[each, environment[each]]] : []))),
        HOME: this.#folder,
        TMPDIR: this.#folder,
        LC_ALL: "C.UTF-8",
        ...tap.environment,
      },
      secrets: this.#secrets,
      note,
      signal,
    });
  }

  async #write(name: string, text: string): Promise<string> {
    const path = join(this.#folder, name);
    await writeSecretFile(path, text);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeFolder(this.#folder);
  }
}

/** A tap's configuration, as an object or as its JSON text; null for anything else. */
export function tapConfigIn(given: unknown): Readonly<Record<string, unknown>> | null {
  try {
    const config = typeof given === "string" ? parsePrintable(given) : given;
    return isObject(config) ? config : null;
  } catch {
    return null;
  }
}
