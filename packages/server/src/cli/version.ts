import { readFileSync } from "node:fs";

// Read here rather than from main.ts, which imports the whole server.
export function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
