import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A temporary folder of one job. It is deleted with the job; the folder of a killed process is deleted when the next job
 * begins.
 */
export async function makeGitFolder(): Promise<string> {
  await removeLeftovers();
  return await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-${own}-`));
}

// It contains the machine's name, because containers may share the folder without seeing each other's processes.
const prefix = `weft-git-${hostname().replaceAll(/[^\w.]/g, "_")}-`;
// Distinguishes this process from an earlier one with the same number.
const own = Math.round(performance.timeOrigin);

async function removeLeftovers(): Promise<void> {
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

/** The bytes of all readable files below a folder. */
export async function bytesBelow(folder: string): Promise<number> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
