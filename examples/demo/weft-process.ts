import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts `weft dev` as a process of its own on a free port, and returns its address once it listens. */
export async function startWeft(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ url: string } & AsyncDisposable> {
  const command = new URL("../../packages/server/bin/weft.js", import.meta.url).pathname;
  const child = spawn(process.execPath, [command, "dev", "--port", "0", "--json", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, WEFT_LOG_LEVEL: "error", ...variables },
  });
  return {
    url: await addressOf(child),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("Weft was started without its output.");
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as { event?: string; url?: string };
    if (said.event === "listening" && said.url !== undefined) {
      child.stdout.resume();
      return said.url;
    }
  }
  throw new Error("Weft ended before it listened.");
}
