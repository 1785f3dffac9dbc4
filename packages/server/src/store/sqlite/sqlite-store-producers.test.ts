import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { entityPromises } from "../promises/entities.ts";
import { producerPromises } from "../promises/producers.ts";
import { syncJobPromises } from "../promises/sync-jobs.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-store-"));
let opened = 0;

function open(): Promise<Store> {
  opened += 1;
  return openSqliteStore({
    path: join(folder, `${opened}.db`),
    masterKey: "a master key for the promises",
    holder: { pid: process.pid, description: "the promises", since: "now" },
    now: 0,
  });
}

afterAll(() => rmSync(folder, { recursive: true }));

describe("the SQLite store keeps the promises about producers", () => producerPromises(open));
describe("the SQLite store keeps the promises about sync jobs", () => syncJobPromises(open));
describe("the SQLite store keeps the promises about entities", () => entityPromises(open));
