import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SourceError } from "../../source.ts";
import { makeJobFolder, removeFolder, writeSecretFile } from "../programs/job-folder.ts";
import { bytesBelow } from "./bytes-below.ts";
import { GitProcess } from "./git-process.ts";
import {
  type GitCredentials,
  gitEnvironment,
  gitSettings,
  keyFile,
  knownHostsFile,
  type Remote,
  repositoryFolder,
  settingsFile,
} from "./git-settings.ts";

export interface GitLimits {
  /** The limit of one job's fetches from one repository. */
  readonly bytesMax: number;
  /** The limit of one exchange with the repository's host. */
  readonly exchangeMsMax: number;
}

interface GitParts {
  readonly remote: Remote;
  readonly credentials: GitCredentials;
  readonly knownHosts: string;
  /** The operator's environment, of which little is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limits: GitLimits;
  readonly signal: AbortSignal;
}

const sizeLookMs = 200;
const recordBytesMax = 64 * 1024;
const textBytesMax = 1024 * 1024;
/** The first version that can prevent curl from resolving names. */
const versionMin = [2, 37] as const;

/** The program `git` in a temporary folder, which is deleted with it. */
export class Git implements AsyncDisposable {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #limits: GitLimits;
  readonly #signal: AbortSignal;

  private constructor(folder: string, { remote, credentials, environment, limits, signal }: GitParts) {
    this.#folder = folder;
    this.#environment = gitEnvironment(environment, folder, { remote, credentials });
    this.#limits = limits;
    this.#signal = signal;
  }

  static async open(parts: GitParts): Promise<Git> {
    const folder = await makeJobFolder("git");
    const git = new Git(folder, parts);
    try {
      await writeSecretFile(join(folder, settingsFile), gitSettings(parts.remote, parts.credentials));
      await writeSecretFile(join(folder, knownHostsFile), withNewline(parts.knownHosts));
      const { private_key } = parts.credentials;
      if (private_key !== undefined) await writeSecretFile(join(folder, keyFile), withNewline(private_key));
      checkVersion(await git.text(["version"]));
      return git;
    } catch (error) {
      await git[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Creates the empty repository for fetched objects. `hashLength` is that of the host's commits. */
  async makeRepository(hashLength: number): Promise<void> {
    const format = hashLength === 64 ? "sha256" : "sha1";
    await this.text(["init", "--quiet", "--bare", "--template=", `--object-format=${format}`, "--", repositoryFolder]);
    this.#environment.GIT_DIR = join(this.#folder, repositoryFolder);
  }

  start(args: readonly string[]): GitProcess {
    return new GitProcess(args, { folder: this.#folder, environment: this.#environment, signal: this.#signal });
  }

  /** Its output for a local command. */
  async text(args: readonly string[]): Promise<string> {
    const process = this.start(args);
    process.end();
    return await wholeText(process);
  }

  /** Its output for a command that contacts the repository's host, within the limits of time and size. */
  async run(args: readonly string[], input = ""): Promise<string> {
    const process = this.start(args);
    process.end(input);
    const { bytesMax, exchangeMsMax } = this.#limits;
    const answered = new AbortController();
    const timer = setTimeout(() => process.kill(tookTooLong(exchangeMsMax)), exchangeMsMax);
    const watching = this.#watchSize(process, answered.signal);
    const response = await wholeText(process).finally(() => {
      clearTimeout(timer);
      answered.abort();
    });
    // It may have been aborted before the listener was added.
    if ((await watching) > bytesMax) throw tooLarge(bytesMax);
    return response;
  }

  /** Its output in pieces that end with a NUL. */
  async *records(args: readonly string[]): AsyncGenerator<Buffer> {
    const process = this.start(args);
    process.end();
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of process.output()) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let begin = 0;
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0, begin)) {
        yield rest.subarray(begin, end);
        begin = end + 1;
      }
      rest = rest.subarray(begin);
      if (rest.length > recordBytesMax) throw new SourceError("The repository has a path that is too long to be read.");
    }
  }

  /** Ends the process when there is too much data. Returns the size after it has ended. */
  async #watchSize(process: GitProcess, answered: AbortSignal): Promise<number> {
    for (;;) {
      await sleep(sizeLookMs, undefined, { signal: answered }).catch(() => {});
      const isOver = answered.aborted;
      const bytes = await bytesBelow(join(this.#folder, repositoryFolder));
      if (isOver) return bytes;
      if (bytes > this.#limits.bytesMax) process.kill(tooLarge(this.#limits.bytesMax));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeFolder(this.#folder);
  }
}

async function wholeText(process: GitProcess): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.output()) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > textBytesMax) throw new SourceError("The repository has too many refs under this name.");
  }
  return Buffer.concat(chunks).toString();
}

function checkVersion(said: string): void {
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(said) ?? [];
  const isEnough = Number(major) > versionMin[0] || (Number(major) === versionMin[0] && Number(minor) >= versionMin[1]);
  if (isEnough) return;
  throw new SourceError(
    `This source needs git ${versionMin.join(".")} or newer; where this Weft runs there is ${said.trim()}.`,
  );
}

function withNewline(text: string): string {
  return `${text.replaceAll("\r\n", "\n").trimEnd()}\n`;
}

function tookTooLong(ms: number): SourceError {
  return new SourceError(`The repository's host took longer than ${ms / 1_000} seconds and was given up.`);
}

function tooLarge(bytes: number): SourceError {
  return new SourceError(
    `The repository is too large: at most ${Math.floor(bytes / 1024 / 1024)} MiB are fetched. Lower \`max_file_bytes\`, or choose a smaller repository.`,
  );
}
