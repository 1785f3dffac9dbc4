import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../../packages/server/src/api/svix/fixtures/svix-clients.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { python, whyNoPython } from "../python-receivers/python.ts";

const whyNot = whyNoPython("airweave");

let weft: RunningWeft;
let receiver: Receiver;
beforeAll(async () => {
  [weft, receiver] = await Promise.all([startWeft({ WEFT_TEST_SOURCES: "true" }), Receiver.start()]);
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

/** The output of the program, which runs while this process serves its requests. */
function drive(input: unknown): Promise<string> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  return new Promise((resolve, reject) => {
    const child = execFile(python, [join(import.meta.dirname, "drive_sdk.py")], { env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr, { cause: error }));
    });
    child.stdin?.end(JSON.stringify(input));
  });
}

test.skipIf(whyNot !== null)(
  `every method of Airweave's Python SDK works${whyNot === null ? "" : ` (${whyNot})`}`,
  async () => {
    const query = "amber anchor archive balance beacon bridge";
    const output = JSON.parse(await drive({ url: weft.url, key: adminKey, receiver: receiver.url("/"), query }));
    expect(output).toEqual({
      names: ["Documents"],
      cancelled: 400,
      agentic: 501,
      streamed: ["error"],
      found: { instant: ["stub", "stub", "stub"], classic: ["stub", "stub", "stub"] },
      tiers: ["classic", "instant"],
      recovery: expect.any(String),
      uncalled: [],
    });
  },
  60_000,
);
