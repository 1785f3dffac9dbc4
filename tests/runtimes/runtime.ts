import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "vite";
import { installPackages } from "../setup/install-packages.ts";

const programs = resolve(import.meta.dirname, "programs");
const modules = join(programs, "node_modules");
const program = join(import.meta.dirname, "receiver.ts");

/** A JavaScript runtime that is not Node, as a program of its own. */
export interface Runtime {
  readonly name: string;
  /** The path of its program on this kind of machine after an npm install. */
  readonly binary: string;
  readonly args: (folder: string) => Promise<readonly string[]>;
  /** Finds the port in its output once it listens. */
  readonly port: RegExp;
}

const isArm = process.arch === "arm64";
const isMac = process.platform === "darwin";

export const runtimes: readonly Runtime[] = [
  {
    name: "Deno",
    binary: `@deno/${process.platform}-${process.arch}${isMac ? "" : "-glibc"}/deno`,
    args: async () => ["serve", "--host", "127.0.0.1", "--port", "0", "--cached-only", "--no-lock", program],
    port: /Listening on http:\/\/127\.0\.0\.1:(\d+)/,
  },
  {
    name: "Bun",
    binary: `@oven/bun-${process.platform}-${isArm ? "aarch64" : "x64"}/bin/bun`,
    args: async () => ["--no-install", program],
    port: /http:\/\/localhost:(\d+)/,
  },
  {
    name: "Workers",
    binary: `@cloudflare/workerd-${process.platform}-${isArm ? "arm64" : "64"}/bin/workerd`,
    args: async (folder) => ["serve", await workerIn(folder), "--control-fd=1"],
    port: /"event":"listen".*"port":(\d+)/,
  },
];

/** Installs the runtimes of `programs/`, unless they are there. */
export function installRuntimes(): Promise<void> {
  return installPackages(programs);
}

/** A sentence when a runtime is not installed; null when it is. */
export function whyNot({ name, binary }: Runtime): string | null {
  return existsSync(join(modules, binary)) ? null : `npm has no ${name} for this machine, so it is not tried here.`;
}

/** Serves `receiver.ts` on a free port. Disposing ends it. */
export async function serve({ name, binary, args, port }: Runtime): Promise<{ url: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "weft-runtime-"));
  const child = spawn(join(modules, binary), await args(folder), {
    // The folder in which Deno and Bun find the packages.
    cwd: import.meta.dirname,
    env: { PORT: "0", HOME: folder, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  const running = {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
      await rm(folder, { recursive: true });
    },
  };
  let said = "";
  const found = await new Promise<string | null>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const [, listensOn] = port.exec(said) ?? [];
        if (listensOn !== undefined) resolve(listensOn);
      });
    void closed.then(() => resolve(null));
  });
  if (found !== null) return { url: `http://127.0.0.1:${found}/`, ...running };
  await running[Symbol.asyncDispose]();
  throw new Error(`${name} ended before it listened:\n${said}`);
}

/** Bundles the receiver into one module, like tools for Workers do, with the settings that serve it. */
async function workerIn(folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: "silent",
    build: {
      outDir: folder,
      lib: { entry: program, formats: ["es"], fileName: () => "worker.js" },
      minify: false,
    },
  });
  const settings = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "receiver", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "receiver")],
);
`;
  const file = join(folder, "settings.capnp");
  await writeFile(file, settings);
  return file;
}
