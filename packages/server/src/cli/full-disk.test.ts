import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventCatalogue } from "../domain/event-catalogue.ts";
import { bin, follow, jsonLines, temporaryFolder } from "./fixtures/weft-process.ts";

// A file system of its own, which the test may fill, needs a mount namespace.
const canMount = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]).status === 0;

test.skipIf(!canMount)(
  "on a full disk Weft is not ready, refuses events with a 503, and recovers when there is room",
  async () => {
    using folder = temporaryFolder();
    const mount = 'mount -t tmpfs -o size=48m tmpfs "$0" && exec "$@"';
    const command = [process.execPath, bin, "dev", "--port", "0", "--json", "--data", folder.path];
    const child = spawn("unshare", ["-rm", "sh", "-c", mount, folder.path, ...command], {
      env: { PATH: process.env.PATH ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    await once(child, "spawn");
    await using weft = follow(child);
    const { url } = await weft.inOutput((stdout) => {
      const lines = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
      return (jsonLines(lines).find(({ event }) => event === "listening") as { url: string } | undefined) ?? null;
    });
    const isReady = async () => (await fetch(`${url}/health/ready`)).status;
    expect(await isReady()).toBe(200);
    const filler = `/proc/${child.pid}/root${folder.path}/filler`;
    expect(existsSync(`/proc/${child.pid}/root${folder.path}/weft.db`)).toBe(true);
    expect(() => writeFileSync(filler, Buffer.alloc(64 * 1024 * 1024))).toThrow(/ENOSPC/);
    expect(await isReady()).toBe(503);
    const published = [];
    // The database's log has some preallocated room.
    for (let i = 0; i < 60; i++) published.push(await publish(url, i));
    expect(published.at(-1)).toBe(503);
    expect(await isReady()).toBe(503);
    rmSync(filler);
    expect(await isReady()).toBe(200);
    expect(await publish(url, 60)).toBe(200);
  },
);

// Plain requests, because the client would retry a 503 by itself.
async function publish(url: string, index: number): Promise<number> {
  const example = eventCatalogue.find(({ name }) => name === "sync.failed")?.example;
  const payload = { ...example, error: "x".repeat(100_000), index };
  const response = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ event_type: "sync.failed", payload }),
  });
  await response.text();
  return response.status;
}
