import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

/** Runs an example as a reader would, to its end. */
async function run(program: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
  const path = join(import.meta.dirname, "../examples", program);
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, said: stdout + stderr };
}

test("the example that publishes in PostgreSQL transactions, and is killed in them, loses no event and publishes no uncommitted one", async () => {
  const { code, said } = await run("publish-in-a-transaction/main.ts", "--transactions", "1200");
  expect(said).toContain("lost 0");
  expect(said).toContain("ghosts 0");
  expect(code, said).toBe(0);
});

test("the example with Weft inside a program delivers exactly the committed events", async () => {
  const { code, said } = await run("in-process/main.ts");
  expect(said).toContain("Heard of Handbook and Recipes");
  expect(code, said).toBe(0);
});

test("the example with the four patterns in one receiver keeps the promise of each", async () => {
  const { code, said } = await run("patterns/main.ts");
  expect(said).not.toContain("✗");
  expect(code, said).toBe(0);
});

test("the example of an agent is woken by an event, and finds the synced texts with a tool", async () => {
  const { code, said } = await run("agent/main.ts");
  expect(said).not.toContain("✗");
  expect(said).toContain("The agent was woken by the verified event msg_");
  expect(code, said).toBe(0);
});
