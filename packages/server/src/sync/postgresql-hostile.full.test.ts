import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { hostAddresses } from "../outbound/connector.ts";
import { SourceError, type SourceItem } from "./source.ts";
import {
  description,
  end,
  endlessly,
  type Hostility,
  hostilePostgres,
  int16,
  int32,
  message,
  ready,
  resultOf,
  row,
  slowly,
} from "./sources/postgresql/fixtures/hostile-postgres.ts";
import { postgresqlSource } from "./sources/postgresql/postgresql-source.ts";
import { hostResolver } from "./sources/resolve-host.ts";

const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
const resolveHost = hostResolver((host) => hostAddresses(host, { guard, lookup }));
const mebibyte = 1024 * 1024;

/** Reads a table of a hostile server. Returns the entities, the error, and how much the server could send. */
async function readFrom(hostility: Hostility, timeMs = 20_000) {
  const server = await hostilePostgres(hostility);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const source = postgresqlSource({ resolveHost, limits: { connectMs: timeMs, statementMs: timeMs } });
  const config = { host: "db.test", port: server.port, database: "d", ssl: "disable", tables: ["t"], key: ["id"] };
  const items: SourceItem[] = [];
  let error: unknown = null;
  try {
    const reading = source.entities({
      owner: "test",
      config,
      credentials: { user: "u", password: "p" },
      cursor: null,
      storedHash: async () => null,
      signal: new AbortController().signal,
    });
    for await (const item of reading) items.push(item);
  } catch (caught) {
    error = caught;
  }
  return { items, error: error as Error | null, sentBytes: server.sentBytes(), statements: server.statements };
}

/** Hostile when rows are fetched. */
function onFetch(what: ReturnType<NonNullable<Hostility["result"]>>): Hostility {
  return { result: (statement) => (/^fetch/.test(statement) ? what : null) };
}

const columns = ["key_0", "cursor", "text"];

test("an honest server is read", async () => {
  let fetched = 0;
  const { items, error } = await readFrom({
    result: (statement) =>
      /^fetch/.test(statement) && fetched++ === 0
        ? resultOf(columns, row("1", "", "one"), row("2", "", "two"), end)
        : null,
  });
  expect(error).toBeNull();
  expect(items).toMatchObject([{ id: "public.t/1" }, { id: "public.t/2" }]);
});

const garbage = Buffer.from(
  Array.from({ length: 4 }, (_, n) => createHash("sha512").update(String(n)).digest("hex")).join(""),
);
const hugeLength = (kind: string) => Buffer.concat([Buffer.from(kind), int32(0x7fffffff)]);
const field = Buffer.concat([Buffer.from("x\0"), Buffer.alloc(18)]);

test.each<[string, Hostility]>([
  ["random bytes at first", { greeting: garbage }],
  ["random bytes for ever at first", { greeting: endlessly(garbage) }],
  ["a message said to have 2 GiB at first", { greeting: hugeLength("E") }],
  ["parameters for ever at first", { greeting: endlessly(message("S", "a\0b\0")) }],
  ["questions for a password for ever", { greeting: endlessly(message("R", int32(3))) }],
  ["questions for a challenge for ever", { greeting: endlessly(message("R", int32(10), "SCRAM-SHA-256\0\0")) }],
  ["an unknown way to authenticate", { greeting: message("R", int32(99)) }],
  ["a cut authentication message", { greeting: message("R", "\0") }],
  ["an error without an end", { greeting: message("E", "Mno end") }],
  ["an error without its last zero", onFetch(message("E", "Mno\0"))],
  ["an error with a field without an end", onFetch(message("E", "Sx\0M"))],
  ["an error of 2 GiB", onFetch(hugeLength("E"))],
  ["notices for ever", onFetch(endlessly(message("N", "Mhear this\0\0")))],
  ["a notice that never ends", onFetch(message("N", "M"))],
  ["a row description of 2 GiB", onFetch(hugeLength("T"))],
  ["a row description with too few fields", onFetch(message("T", int16(3), field))],
  ["a row description with a negative number of fields", onFetch(message("T", int16(-1)))],
  ["row descriptions for ever", onFetch(endlessly(description(...columns)))],
  ["a row of 2 GiB", onFetch(Buffer.concat([resultOf(columns), hugeLength("D")]))],
  ["a row with a negative number of values", onFetch(Buffer.concat([resultOf(columns), message("D", int16(-5))]))],
  [
    "a row with a value that is longer than it",
    onFetch(Buffer.concat([resultOf(columns), message("D", int16(1), int32(1_000))])),
  ],
  ["a row with a negative length", onFetch(Buffer.concat([resultOf(columns), message("D", int16(1), int32(-7))]))],
  [
    "rows for ever",
    onFetch((socket) => {
      socket.write(resultOf(columns));
      endlessly(row("1", "", "x".repeat(1_000)))(socket);
    }),
  ],
  [
    "large rows for ever",
    onFetch((socket) => {
      socket.write(resultOf(columns));
      endlessly(row("1", "", "x".repeat(mebibyte)))(socket);
    }),
  ],
  [
    "rows for ever where columns are asked for",
    {
      result: (statement) =>
        /pg_attribute/.test(statement)
          ? (socket) => {
              socket.write(resultOf(["name", "type", "position"]));
              endlessly(row("n", "integer", "0"))(socket);
            }
          : null,
    },
  ],
  ["an unrequested row", { greeting: Buffer.concat([message("R", int32(0)), ready, row("1")]) }],
  ["a copy, for ever", onFetch(endlessly(message("G", "\0", int16(0))))],
  ["data of a copy", onFetch(message("d", "x".repeat(1_000)))],
  ["suspended portals for ever", onFetch(endlessly(message("s")))],
  ["notifications for ever", onFetch(endlessly(message("A", int32(1), "a\0b\0")))],
  ["a message with a length of nothing", onFetch(Buffer.from("C\0\0\0\0"))],
  ["a close at first", { greeting: (socket) => void socket.destroy() }],
  ["a close amid a message", onFetch((socket) => void socket.end(resultOf(columns, row("1", "", "x").subarray(0, 9))))],
])("%s: the job fails with a sentence, and little was read", async (_, hostility) => {
  const { error, sentBytes } = await readFrom(hostility);
  expect(error).toBeInstanceOf(SourceError);
  expect(error?.message).toMatch(/^The database /);
  // The system's buffers on both sides add to it.
  expect(sentBytes).toBeLessThan(80 * mebibyte);
});

test("a server that endlessly repeats that it is ready is abandoned", async () => {
  const { sentBytes } = await readFrom(onFetch(endlessly(ready)));
  expect(sentBytes).toBeLessThan(80 * mebibyte);
});

test.each<[string, Hostility]>([
  ["never answers", { greeting: () => {} }],
  ["never answers a question", onFetch(() => {})],
  ["answers with the beginning of a message", onFetch(Buffer.from("D\0"))],
])("a server that %s is given up in time", async (_, hostility) => {
  const { error } = await readFrom(hostility, 200);
  expect(error?.message).toBe("The database did not respond in time.");
});

test("a password is not derived with an excessive number of rounds", async () => {
  const challenge = (socket: import("node:net").Socket) => {
    socket.write(message("R", int32(10), "SCRAM-SHA-256\0\0"));
    socket.once("data", (response: Buffer) => {
      const nonce = /r=([^,\0]+)/.exec(response.toString("latin1"))?.[1] ?? "";
      socket.write(message("R", int32(11), `r=${nonce}x,s=c2FsdA==,i=2000000000`));
    });
  };
  const { error } = await readFrom({ greeting: challenge });
  expect(error?.message).toMatch(/iteration/);
});

test("rows wait on the socket until earlier ones were processed, and a large row that arrives byte by byte is read", async () => {
  const large = "x".repeat(limits.entityTextBytesMax);
  let fetched = 0;
  const rows = Array.from({ length: 60 }, (_, n) => row(String(n), "", large));
  const { items, error } = await readFrom({
    result: (statement) => {
      if (!/^fetch/.test(statement) || fetched++ > 0) return null;
      return async (socket) => {
        socket.write(resultOf(columns));
        await slowly(row("slow", "", "x".repeat(5_000)))(socket);
        for (const one of rows) socket.write(one);
        socket.write(end);
      };
    },
  });
  expect(error).toBeNull();
  expect(items).toHaveLength(61);
});
