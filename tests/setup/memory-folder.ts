import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";

const memory = "/dev/shm";
/** A run of all tests needs less than half of this. */
const bytesMin = 8 * 1024 ** 3;

/**
 * Makes a folder in memory for the temporary files of a run, which removes it at its end. A run creates and removes more than 100,000
 * files, and syncs many of them, which costs time on a disk. Null where the system has no such folder, not enough memory, or runs no
 * programs from it.
 */
export function makeMemoryFolder(): string | null {
  if (process.platform !== "linux" || !existsSync(memory)) return null;
  const { bavail, bsize } = statfsSync(memory);
  if (bavail * bsize < bytesMin || !runsPrograms()) return null;
  const folder = mkdtempSync(join(memory, "weft-tests-"));
  // PostgreSQL runs as another user if the tests run as root.
  chmodSync(folder, 0o755);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function runsPrograms(): boolean {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const [, , , options = "noexec"] = mounts.find((line) => line.split(" ")[1] === memory)?.split(" ") ?? [];
  return !options.split(",").includes("noexec");
}
