import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { DatabaseSync } from "node:sqlite";
import express from "express";
import { Webhook } from "svix";
import { afterEach, expect, test } from "vitest";
import { createInbox } from "../inbox/inbox.ts";
import { sqliteInbox } from "../inbox/sqlite.ts";
import { toNodeHandler } from "../node.ts";
import { readNodeBody } from "../node-http.ts";
import { memoryOnce } from "../once/memory.ts";
import { type ListeningReceiver, listen } from "../promises/listening-receiver.ts";
import { createReceiver } from "../receive-request.ts";
import { createRouter } from "../router.ts";
import { type GradeOptions, gradeReceiver } from "./grade-receiver.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const nextSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const forgeries = [
  ...["unsigned", "other_secret", "altered_body", "other_id", "stale", "early", "refreshed"],
  ...["empty_signature", "no_version", "odd_time"],
];
const counts = new Map<string, number>();
const count = (id: string) => void counts.set(id, (counts.get(id) ?? 0) + 1);
const timesHandled = (id: string) => counts.get(id) ?? 0;
let receiver: ListeningReceiver | undefined;

afterEach(async () => {
  counts.clear();
  await receiver?.close();
});

async function gradeOf(listener: RequestListener, options: Partial<GradeOptions> = {}) {
  receiver = await listen(listener);
  const { grade, checks } = await gradeReceiver({ url: receiver.url, secret, trickleMs: 400, ...options });
  return { grade, checks, failed: checks.filter(({ outcome }) => outcome === "failed").map(({ name }) => name) };
}

test("a receiver with this kit that processes once gets the best grade, with every secret that it has", async () => {
  const router = createRouter({ once: memoryOnce() }).onAny((_event, { messageId }) => count(messageId));
  const handler = toNodeHandler(router, { secret: [secret, nextSecret], bodyBytesMax: 300_000 });
  const { grade, failed, checks } = await gradeOf(handler, { secret: [secret, nextSecret], timesHandled });
  expect([grade, failed]).toEqual(["A", []]);
  expect(checks.filter(({ outcome }) => outcome === "skipped")).toEqual([]);
});

test("a receiver with an inbox and a public key does too, and checks that do not apply are skipped", async () => {
  const privateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
  const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
  const router = createRouter().onAny((_event, { messageId }) => count(messageId));
  const inbox = createInbox({ store: sqliteInbox(new DatabaseSync(":memory:")), router });
  inbox.start();
  const graded = await gradeOf(toNodeHandler(inbox, { secret: publicKey }), { secret: privateKey, timesHandled });
  await inbox.stop();
  expect([graded.grade, graded.failed]).toEqual(["A", []]);
  const skipped = graded.checks.filter(({ outcome }) => outcome === "skipped");
  expect(skipped.map(({ name }) => name)).toEqual(["each_secret"]);
});

test("a receiver of twenty lines with the svix library cannot be deceived, but processes twice", async () => {
  const app = express().post("/webhooks/weft", express.raw({ type: () => true, limit: "1mb" }), (request, response) => {
    try {
      new Webhook(secret).verify(request.body, request.headers as Record<string, string>);
    } catch {
      return void response.sendStatus(400);
    }
    count(String(request.headers["svix-id"]));
    response.sendStatus(204);
  });
  const { grade, failed } = await gradeOf(app, { timesHandled });
  expect([grade, failed]).toEqual(["B", ["duplicate", "duplicates_at_once"]]);
});

type Flaw = (request: IncomingMessage, response: ServerResponse) => Promise<number>;

const kit = createReceiver(createRouter(), { secret });
const bodyOf = async (request: IncomingMessage, bytesMax = kit.bodyBytesMax) => {
  const body = await readNodeBody(request, bytesMax);
  return body === "aborted" ? new Uint8Array() : body;
};

const flaws: [string, { grade: string; failed: string[] }, Flaw][] = [
  [
    "that accepts everything",
    { grade: "F", failed: [...forgeries, "huge", "hostile_headers"] },
    async (request) => {
      await bodyOf(request);
      return 204;
    },
  ],
  [
    "that does not look at the time",
    { grade: "F", failed: ["stale", "early"] },
    async (request) => {
      const timeless = createReceiver(createRouter(), { secret, tolerance: Number.POSITIVE_INFINITY });
      return (await timeless.receive({ headers: request.headers, body: await bodyOf(request) })).status;
    },
  ],
  [
    "that parses bodies and writes them again",
    { grade: "C", failed: ["exact_bytes", "not_json"] },
    async (request) => {
      const body = await bodyOf(request);
      if (body === "too_large") return 413;
      try {
        const text = JSON.stringify(JSON.parse(new TextDecoder().decode(body)));
        return (await kit.receive({ headers: request.headers, body: new TextEncoder().encode(text) })).status;
      } catch {
        return 500;
      }
    },
  ],
  [
    "that stops reading at 100 KB",
    { grade: "C", failed: ["large"] },
    async (request) => {
      return (await kit.receive({ headers: request.headers, body: await bodyOf(request, 100_000) })).status;
    },
  ],
  [
    "that reads the first signature alone",
    { grade: "C", failed: ["rotated"] },
    async (request) => {
      const headers = Object.entries(request.headers).map(([name, value]) => {
        return [name, name.endsWith("-signature") ? String(value).split(" ")[0] : value] as [string, string];
      });
      return (await kit.receive({ headers, body: await bodyOf(request) })).status;
    },
  ],
  [
    "that refuses what it does not know",
    { grade: "C", failed: ["unknown_event_type"] },
    async (request) => {
      const body = await bodyOf(request);
      if (body !== "too_large" && new TextDecoder().decode(body).includes("weft_grade.unknown")) return 400;
      return (await kit.receive({ headers: request.headers, body })).status;
    },
  ],
  [
    "that fails where it should refuse",
    { grade: "B", failed: [...forgeries, "huge", "hostile_headers", "not_json"] },
    async (request) => {
      const { status } = await kit.receive({ headers: request.headers, body: await bodyOf(request) });
      return status === 204 ? 204 : 500;
    },
  ],
];

test.each(flaws)("a receiver %s is recognized, for that reason alone", async (_name, expected, flaw) => {
  const { grade, failed } = await gradeOf(async (request, response) => {
    response.writeHead(await flaw(request, response)).end();
  });
  expect({ grade, failed: failed.toSorted() }).toEqual({ ...expected, failed: expected.failed.toSorted() });
});

test("a receiver that processes one delivery after the other fails the check for slow senders", async () => {
  let last: Promise<unknown> = Promise.resolve();
  const { failed, checks } = await gradeOf((request, response) => {
    const before = last;
    last = (async () => {
      await before;
      const { status } = await kit.receive({ headers: request.headers, body: await bodyOf(request) });
      response.writeHead(status).end();
    })();
  });
  expect(failed).toEqual(["slow"]);
  expect(checks.find(({ name }) => name === "slow")).toMatchObject({ stake: "robustness", outcome: "failed" });
});

test("if not even a good event is accepted, no other is sent, and the reason is reported", async () => {
  const silent = await gradeOf(() => {}, { responseMsMax: 200 });
  expect([silent.grade, silent.failed]).toEqual(["F", ["genuine"]]);
  expect(silent.checks[0]?.came).toBe("no answer within 0.2 s");
  expect(new Set(silent.checks.slice(1).map(({ outcome }) => outcome))).toEqual(new Set(["skipped"]));
  await receiver?.close();
  const nowhere = await gradeReceiver({ url: receiver?.url ?? "", secret });
  expect([nowhere.grade, nowhere.checks[0]?.came]).toEqual(["F", expect.stringContaining("ECONNREFUSED")]);
});

test("a redirect does not count as accepted", async () => {
  const redirecting = await gradeOf((_request, response) => void response.writeHead(307, { location: "/" }).end());
  expect(redirecting.checks[0]).toMatchObject({ name: "genuine", outcome: "failed", came: "307" });
});

test("each check reports the request, the expected and the actual response and the risk, as it ends", async () => {
  const reported: string[] = [];
  const { checks } = await gradeOf(toNodeHandler(createRouter(), { secret }), {
    onCheck: ({ name }) => reported.push(name),
  });
  expect(reported).toEqual(checks.map(({ name }) => name));
  expect(new Set(reported).size).toBe(reported.length);
  for (const { sent, expected, came, why } of checks)
    for (const text of [sent, expected, came, why]) expect(text).toMatch(/./);
});

test("a secret that cannot sign is refused before anything is sent", async () => {
  const secretThatVerifies = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
  const grading = gradeReceiver({ url: "http://127.0.0.1:1/", secret: secretThatVerifies });
  await expect(grading).rejects.toMatchObject({ code: "invalid_secret" });
});
