import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";
import { curlOf } from "./curl.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-curl-"));

// Stores the arguments that a shell passes, and sends nothing.
beforeAll(() => {
  const program = join(folder, "curl");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\0' "$@" > '${folder}/args'\ncat > '${folder}/stdin'\n`);
  chmodSync(program, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface SentRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: [string, string][];
  readonly body?: Buffer;
}

function ranWith({ method = "POST", path = "/a", headers = [], body = Buffer.alloc(0) }: SentRequest) {
  const answer = { status: 200, delay_seconds: 0, body: "" };
  const arrivals = new Arrivals({ countMax: 1, bytesMax: 1_000_000 }, answer);
  const [at, bodyBytes, isTooLarge, explanation] = [new Date(0), body.length, false, null];
  const arrival = arrivals.add({ at, method, path, headers, body, bodyBytes, isTooLarge, explanation, answer });
  execFileSync("sh", ["-c", curlOf(arrival, "http://127.0.0.1:8010")], {
    env: { PATH: `${folder}:${process.env.PATH}` },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const args = readFileSync(join(folder, "args"), "utf8").split("\0").slice(0, -1);
  return { args, stdin: readFileSync(join(folder, "stdin")) };
}

test("a command sends the same path, headers and body, without the headers of the connection", () => {
  const headers: [string, string][] = [
    ["Host", "x"],
    ["Content-Length", "2"],
    ["Webhook-Id", "msg_1"],
    ["X-Empty", ""],
  ];
  const { args } = ranWith({ path: "/hooks?a=[1]&b=../c", headers, body: Buffer.from("{}") });
  const without = ["content-type", "user-agent", "accept"].flatMap((name) => ["-H", `${name}:`]);
  expect(args).toEqual([
    ...["--globoff", "--path-as-is", "-X", "POST", "http://127.0.0.1:8010/hooks?a=[1]&b=../c"],
    ...["-H", "Webhook-Id: msg_1", "-H", "X-Empty;", ...without, "--data-raw", "{}"],
  ]);
});

test("a shell passes every received request on unchanged, and runs none of it", () => {
  const hostile = fc.string({ unit: fc.constantFrom(..."'\"$`\\;|&(){}<>!*?~# \n\taü"), maxLength: 30 });
  fc.assert(
    fc.property(hostile, hostile, (value, text) => {
      const line = value.replaceAll(/[\n]/g, "");
      const { args } = ranWith({ path: `/${line}`, headers: [["x", `a${line}`]], body: Buffer.from(`b${text}`) });
      expect(args[4]).toBe(`http://127.0.0.1:8010/${line}`);
      expect(args).toContain(`x: a${line}`);
      expect(args.at(-1)).toBe(`b${text}`);
    }),
    { numRuns: 40 },
  );
});

test("bytes that are not text are read from standard input", () => {
  const body = Buffer.from([0, 255, 10, 39]);
  const { args, stdin } = ranWith({ body });
  expect([args.at(-1), stdin]).toEqual(["@-", body]);
});
