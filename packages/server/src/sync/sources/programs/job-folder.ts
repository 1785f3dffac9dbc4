import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A temporary folder of one job, for a program such as `git`. Only this user can read it. It is deleted with the job; the folder
 * of a killed process is deleted when the next job of the program begins.
 */
export async function makeJobFolder(program: string): Promise<string> {
  const prefix = prefixOf(program);
  await removeLeftovers(prefix);
  return await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-${own}-`));
}

// It contains the machine's name, because containers may share the folder without seeing each other's processes.
function prefixOf(program: string): string {
  return `weft-${program}-${hostname().replaceAll(/[^\w.]/g, "_")}-`;
}

// Distinguishes this process from an earlier one with the same number.
const own = Math.round(performance.timeOrigin);

async function removeLeftovers(prefix: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const [pid, start] = name.slice(prefix.length).split("-").map(Number);
    const isInUse = pid === process.pid ? start === own : isRunning(pid ?? 0);
    if (!isInUse) await removeFolder(join(tmpdir(), name));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

export async function removeFolder(folder: string): Promise<void> {
  // A program that was just killed may still be writing.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Only this user can read it. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}
