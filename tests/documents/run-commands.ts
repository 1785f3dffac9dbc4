import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, locationOf, root } from "./blocks.ts";
import { givenCommands } from "./given-commands.ts";
import { toRun } from "./left-out.ts";
import type { PageFolder } from "./page-folder.ts";
import { type CommandAddresses, runnableCommands, svixSecret } from "./substitutions.ts";

const prelude = readFileSync(join(import.meta.dirname, "commands.sh"), "utf8");
const end = "== the end of the page";

/** After this time its commands are ended, and have failed. */
export const pageTimeMs = 150_000;

/** Commands of a page that have run. Processes that they started run until it is disposed of. */
export interface RunPage extends AsyncDisposable {
  /** Their complete output so far. */
  readonly said: () => string;
  /** True when every command has run and none has failed, false when one has failed. */
  readonly isDone: Promise<boolean>;
}

/** Runs the commands of a page in a folder, in order, in one shell that ends with the first that fails. */
export function runCommands(blocks: readonly Block[], folder: PageFolder, addresses: CommandAddresses): RunPage {
  const home = join(folder.elsewhere, "home");
  mkdirSync(home);
  // A response of 400 and above is a failure.
  writeFileSync(join(home, ".curlrc"), "fail-with-body\nmax-time = 50\n");
  const child = spawn("bash", ["-c", prelude + runnableCommands(scriptOf(blocks), addresses)], {
    cwd: folder.path,
    // A process group of its own, which ends as a whole.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
      HOME: home,
      CURL_HOME: home,
      TMPDIR: folder.elsewhere,
      WEFT_PORT: String(addresses.weft),
      WEFT_SVIX_JWT_SECRET: svixSecret,
      npm_config_offline: "true",
      npm_config_update_notifier: "false",
    },
  });
  const tooLong = setTimeout(() => child.pid !== undefined && killGroup(child.pid), pageTimeMs);
  let said = "";
  const isDone = new Promise<boolean>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes(end)) resolve(true);
      });
    child.once("exit", () => resolve(false));
  });
  const closed = once(child, "close");
  return {
    said: () => said,
    isDone,
    async [Symbol.asyncDispose]() {
      clearTimeout(tooLong);
      if (child.pid !== undefined) killGroup(child.pid);
      await closed;
    },
  };
}

function scriptOf(blocks: readonly Block[]): string {
  const parts = blocks
    .map(toRun)
    .filter((block) => block !== null)
    .flatMap((block, index) => {
      const given = givenCommands.filter(({ page, before }) => {
        return page === block.page && (before === undefined ? index === 0 : block.text.includes(before));
      });
      return [`echo '== ${locationOf(block)}'`, ...given.map(({ commands }) => commands), block.text];
    });
  // It waits there, so that the processes that it started keep running.
  return `${parts.join("\n")}\necho '${end}'\nread -r _\n`;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
