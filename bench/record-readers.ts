// The minimum work of any sync of records: to read them, parse them, and hash each.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { machineMs } from "./machine-clock.ts";
import { benchRecord } from "./records.ts";

export const tapCommand = [process.execPath, join(import.meta.dirname, "records-tap.ts")];

/** The time to run the tap and read its messages, in milliseconds. */
export async function readTapMessages(folder: string, count: number): Promise<number> {
  const config = join(mkdtempSync(join(folder, "tap-")), "config.json");
  writeFileSync(config, JSON.stringify({ count }));
  const beganAt = machineMs();
  const [program = "", ...args] = tapCommand;
  const tap = spawn(program, [...args, "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
  let read = 0;
  for await (const line of createInterface({ input: tap.stdout })) {
    const message = JSON.parse(line) as { type: string; record: object };
    if (message.type !== "RECORD") continue;
    hash(message.record);
    read += 1;
  }
  if (read !== count) throw new Error(`Of ${count} records ${read} came.`);
  return machineMs() - beganAt;
}

const pageSize = 100;

/** An API that lists records as GitHub lists issues, by time and in pages. */
export class RecordsApi implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    const since = Date.parse(new URL(request.url ?? "", "http://localhost").searchParams.get("since") ?? "");
    const first = Math.max(1, Math.ceil((since - Date.UTC(2020, 0, 1)) / 1_000));
    const last = Math.min(this.#count, first + pageSize - 1);
    const page = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => issueOf(first + index));
    if (last < this.#count) response.setHeader("link", `<${this.url}/repos/a/b/issues?page=2>; rel="next"`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(page));
  });
  readonly #count: number;

  private constructor(count: number) {
    this.#count = count;
  }

  static async open(count: number): Promise<RecordsApi> {
    const api = new RecordsApi(count);
    api.#server.listen(0, "127.0.0.1");
    await once(api.#server, "listening");
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v3`;
  }

  /** The time to request all pages one after the other, in milliseconds. */
  async readPages(): Promise<number> {
    const beganAt = machineMs();
    const numbers = new Set<number>();
    let since = "1970-01-01T00:00:00Z";
    for (;;) {
      const response = await fetch(`${this.url}/repos/a/b/issues?since=${since}`);
      const page = (await response.json()) as { number: number; updated_at: string }[];
      for (const issue of page) {
        hash(issue);
        numbers.add(issue.number);
      }
      since = page.at(-1)?.updated_at ?? since;
      if (response.headers.get("link") === null) break;
    }
    if (numbers.size !== this.#count) throw new Error(`Of ${this.#count} records ${numbers.size} came.`);
    return machineMs() - beganAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function issueOf(number: number): object {
  const html_url = `https://github.com/a/b/issues/${number}`;
  const more = { html_url, state: "open", comments: 0, user: { login: "ada" }, labels: [] };
  const record = benchRecord(number);
  return { ...record, ...more, created_at: record.updated_at };
}

function hash(value: object): void {
  createHash("sha256").update(JSON.stringify(value)).digest("base64");
}
