import { execFileSync, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { follow, type RunningCommand } from "../../packages/server/src/cli/fixtures/weft-process.ts";

/** The Python of this machine, or one that has more modules. */
export const python = process.env.WEFT_TEST_PYTHON ?? "python3";

// Python's output is unbuffered, and it leaves nothing in the repository.
const env = { ...process.env, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" };

/** A sentence when this Python cannot be run or lacks one of the modules; null when everything is installed. */
export function whyNoPython(...modules: string[]): string | null {
  const { status } = spawnSync(python, ["-c", ["import sys", ...modules].join("\nimport ")], { stdio: "ignore" });
  if (status === 0) return null;
  const missing = modules.length === 0 ? "is not there" : `does not have ${modules.join(" and ")}`;
  return `${python} ${missing}, so this is not tried here. WEFT_TEST_PYTHON names another.`;
}

/** The output of a program of this folder for JSON on its standard input. */
export function askPython(program: string, input: unknown): unknown {
  const args = [join(import.meta.dirname, program)];
  return JSON.parse(execFileSync(python, args, { input: JSON.stringify(input), env, encoding: "utf8" }));
}

/** Serves a FastAPI program of this folder. Disposing ends it. */
export async function serve(program: string): Promise<RunningCommand & { url: string }> {
  const child = spawn(python, [join(import.meta.dirname, "serve.py"), program], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = follow(child);
  const port = await running.inOutput((output) => /^port (\d+)$/m.exec(output)?.[1] ?? null);
  return { ...running, url: `http://127.0.0.1:${port}/webhooks/airweave` };
}
