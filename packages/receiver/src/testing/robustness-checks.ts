import { allAccepted, type Check, type CheckTools, type Finding, isAccepted, isRefused, textOf } from "./check.ts";
import type { Reply } from "./delivery.ts";

const hugeBytes = 8 * 1024 * 1024;
const nestingDepth = 2_000;
/** How often, and how far apart, a check repeats a query whose result may take a moment. */
const looksMax = 40;
const lookMs = 250;

/** Failures that a receiver must survive. */
export const robustnessChecks: readonly Check[] = [
  {
    name: "duplicate",
    stake: "robustness",
    sent: "the same message twice, one after the other",
    expected: "2xx twice, and the work done once where that can be counted",
    why: "Every sender delivers at least once; after a lost answer the same message comes again.",
    async run(tools) {
      const plan = { event: tools.event(), id: tools.newId() };
      const replies = [await tools.deliver(plan), await tools.deliver(plan)];
      return await withCount(tools, plan.id, allAccepted(replies));
    },
  },
  {
    name: "duplicates_at_once",
    stake: "robustness",
    sent: "the same message five times at once, then again until it is accepted",
    expected:
      "2xx, or 409, 425, 429 or 503 meanwhile; 2xx in the end, and the work done once where that can be counted",
    why: "A retry may come while the first delivery is still being worked on.",
    async run(tools) {
      const plan = { event: tools.event(), id: tools.newId() };
      const replies = await Promise.all(Array.from({ length: 5 }, () => tools.deliver(plan)));
      const last = await lookAgain(
        () => tools.deliver(plan),
        (reply) => !requestsRetry(reply),
      );
      const isPassed = replies.every((reply) => isAccepted(reply) || requestsRetry(reply)) && isAccepted(last);
      return await withCount(tools, plan.id, { isPassed, came: textOf([...replies, last]) });
    },
  },
  {
    name: "huge",
    stake: "robustness",
    sent: "a body of 8 MiB without a signature, then a good delivery",
    expected: "4xx or a closed connection, then 2xx",
    why: "Before the signature is checked, anyone can send anything: what is read must have a limit.",
    run: (tools) => {
      const headers = { "svix-signature": null, "webhook-signature": null };
      const sentBody = JSON.stringify({ ...tools.event(), filling: "x".repeat(hugeBytes) });
      const isRight = (reply: Reply) => isRefused(reply) || reply.kind === "broken";
      return declared(tools, [{ event: {}, sentBody, headers }], isRight);
    },
  },
  {
    name: "hostile_headers",
    stake: "robustness",
    sent: "a signature header with six hundred entries, a message id of 5,000 characters, then a good delivery",
    expected: "4xx for both, then 2xx",
    why: "Headers come from anyone and must not cost much.",
    run: (tools) => {
      const signatures = "v1,AAAA ".repeat(600).trim();
      const id = "x".repeat(5000);
      const plans = [
        { event: tools.event(), headers: { "svix-signature": signatures, "webhook-signature": signatures } },
        { event: tools.event(), headers: { "svix-id": id, "webhook-id": id } },
      ];
      return declared(tools, plans, isRefused);
    },
  },
  {
    name: "not_json",
    stake: "robustness",
    sent: "signed bodies that are not JSON, no object, and empty, then a good delivery",
    expected: "2xx or 4xx for each, then 2xx",
    why: "A body that can never be read must not be asked for again and again.",
    run: (tools) => declared(tools, [{ event: "not JSON" }, { event: "[1]" }, { event: "" }], isAccepted, isRefused),
  },
  {
    name: "hostile_json",
    stake: "robustness",
    sent: "signed JSON that aims at prototypes, and JSON nested two thousand deep, then a good delivery",
    expected: "2xx or 4xx for each, then 2xx",
    why: "Payloads carry what users typed. They must not change how the receiver's program works.",
    run: (tools) => {
      const text = JSON.stringify(tools.event());
      const polluting = text.replace(
        "{",
        '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},',
      );
      const deep = text.replace("{", `{"deep":${"[".repeat(nestingDepth)}${"]".repeat(nestingDepth)},`);
      return declared(tools, [{ event: polluting }, { event: deep }], isAccepted, isRefused);
    },
  },
  {
    name: "hang_up",
    stake: "robustness",
    sent: "a delivery that breaks off in the middle of its body, then a good one",
    expected: "2xx for the good one",
    why: "Senders crash too. Half a request must not take the receiver with it.",
    async run(tools) {
      await tools.deliver({ event: tools.event(), isCutOff: true });
      return allAccepted([await tools.deliver({ event: tools.event() })]);
    },
  },
];

/** Passes when each response is an allowed one, and a good delivery is accepted afterwards. */
async function declared(
  tools: CheckTools,
  plans: readonly Parameters<CheckTools["deliver"]>[0][],
  ...isRight: ((reply: Reply) => boolean)[]
): Promise<Finding> {
  const replies = [];
  for (const plan of plans) replies.push(await tools.deliver(plan));
  const after = await tools.deliver({ event: tools.event() });
  const isPassed = replies.every((reply) => isRight.some((is) => is(reply))) && isAccepted(after);
  return { isPassed, came: `${textOf(replies)}, then ${textOf([after])}` };
}

function requestsRetry(reply: Reply): boolean {
  return reply.kind === "answered" && [409, 425, 429, 503].includes(reply.status);
}

/** Work may finish after the response, so its count is waited for. */
async function withCount({ timesHandled }: CheckTools, id: string, finding: Finding): Promise<Finding> {
  if (timesHandled === null) return finding;
  const times = await lookAgain(
    () => timesHandled(id),
    (count) => count > 0,
  );
  return { isPassed: finding.isPassed && times === 1, came: `${finding.came}; handled ${times} times` };
}

async function lookAgain<Seen>(look: () => Promise<Seen>, isEnough: (seen: Seen) => boolean): Promise<Seen> {
  let seen = await look();
  for (let looks = 1; looks < looksMax && !isEnough(seen); looks++) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    seen = await look();
  }
  return seen;
}
