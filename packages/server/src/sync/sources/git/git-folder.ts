import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder of one job's own among the machine's temporary ones. It goes with the job; what a killed process left goes
 * when the next job begins.
 */
export async function makeGitFolder(): Promise<string> {
  await removeLeftovers();
  return await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-${own}-`));
}

// With the machine's name, since containers may share the folder and do not see each other's processes.
const prefix = `weft-git-${hostname().replaceAll(/[^\w.]/g, "_")}-`;
// Tells this process from an earlier one under the same number.
const own = Math.round(performance.timeOrigin);

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const [pid, start] = name.slice(prefix.length).split("-").map(Number);
    const isHeld = pid === process.pid ? start === own : isRunning(pid ?? 0);
    if (!isHeld) await removeFolder(join(tmpdir(), name));
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

/** Readable by nobody else. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}

/** Bytes of all files below a folder, as far as they can be seen. */
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
