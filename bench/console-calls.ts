import { createClient, type WeftClient } from "../packages/sdk/src/index.ts";
import type { Installation } from "./installation.ts";
import { historyMs, historyTypes } from "./stored-history.ts";
import type { UsedFor } from "./used-weft.ts";

/** A call that a page of the console makes. */
export interface ConsoleCall {
  readonly name: string;
  readonly call: (weft: WeftClient) => Promise<unknown>;
}

const callsMax = 100;
const callsMin = 5;
const msMax = 2_000;

/** Milliseconds of consecutive calls. */
export async function callTimes({ urls, adminKey }: Installation, { call }: ConsoleCall): Promise<number[]> {
  const weft = createClient({ url: urls[0] ?? "", apiKey: adminKey });
  const times: number[] = [];
  const until = performance.now() + msMax;
  while (times.length < callsMin || (times.length < callsMax && performance.now() < until)) {
    const startedAt = performance.now();
    await call(weft);
    times.push(performance.now() - startedAt);
  }
  return times;
}

const day = 86_400_000;
/** A value that no payload has. */
const absent = "collection_name:Nowhere";

/** The calls of the pages that people use to find, explain and repair deliveries. */
export function consoleCalls({ subscriptions, until }: UsedFor): ConsoleCall[] {
  const common = subscriptions.get(historyTypes.common) ?? "";
  const rare = subscriptions.get(historyTypes.rare) ?? "";
  const ago = (ms: number) => new Date(until - ms).toISOString();
  const list = (name: string, query: Parameters<WeftClient["webhooks"]["listMessages"]>[0]): ConsoleCall => ({
    name: `messages, ${name}`,
    call: ({ webhooks }) => webhooks.listMessages({ limit: 50, include_endpoints: true, ...query }),
  });
  const search = (name: string, q: string): ConsoleCall => ({
    name: `search, ${name}`,
    call: ({ webhooks }) => webhooks.find({ q, everywhere: true }),
  });
  const plan = (name: string, body: Parameters<WeftClient["webhooks"]["recoverByFilter"]>[0]): ConsoleCall => ({
    name: `recovery plan, ${name}`,
    call: ({ webhooks }) => webhooks.recoverByFilter({ ...body, dry_run: true }),
  });
  const stats = (name: string, ms: number): ConsoleCall => ({
    name: `overview, statistics of ${name}`,
    call: ({ webhooks }) => webhooks.getStats({ since: ago(ms) }),
  });
  return [
    stats("an hour", day / 24),
    stats("30 days", 30 * day),
    { name: "overview, backlog", call: ({ webhooks }) => webhooks.getBacklog() },
    {
      name: "overview, failed messages",
      call: ({ webhooks }) => webhooks.listMessages({ status: "failed", include_tests: false, limit: 10 }),
    },
    {
      name: "overview, needs attention",
      call: ({ webhooks }) => webhooks.listSubscriptions({ status: "enabled", health: "failing", limit: 10 }),
    },
    list("all", {}),
    list("common type", { event_types: historyTypes.common }),
    list("rare type", { event_types: historyTypes.rare }),
    list("failed", { status: "failed" }),
    list("pending", { status: "pending" }),
    list("failed, rare type", { status: "failed", event_types: historyTypes.rare }),
    list("failed, in 24 hours", { status: "failed", since: ago(day) }),
    list("rare subscription", { subscription_id: rare }),
    list("common subscription, failed", { subscription_id: common, status: "failed" }),
    list("absent event id", { event_id: "nowhere" }),
    list("payload", { payload: "source_type:salesforce" }),
    list("absent payload value", { payload: absent }),
    search("payload value", "source_type:salesforce"),
    search("absent payload value", absent),
    search("part of a URL", "hooks.example"),
    search("absent text", "nowhere"),
    {
      name: "message with its deliveries",
      call: async ({ webhooks }) => {
        const { items } = await webhooks.listMessages({ limit: 1, until: ago(Math.random() * (historyMs - day)) });
        const [{ id } = { id: "" }] = items;
        await webhooks.getMessage(id, { include_attempts: true });
        await webhooks.listMessageDeliveries(id, { limit: 100 });
      },
    },
    { name: "subscription", call: ({ webhooks }) => webhooks.getSubscription(common) },
    {
      name: "subscription, failed attempts",
      call: ({ webhooks }) => webhooks.listAttempts(common, { status: "failed", limit: 50 }),
    },
    {
      name: "subscription, statistics of 30 days",
      call: ({ webhooks }) => webhooks.getSubscriptionStats(common, { since: ago(30 * day) }),
    },
    plan("failed, one type, 24 hours", {
      status: ["failed"],
      event_types: [historyTypes.common],
      since: ago(day),
    }),
    plan("all states, 24 hours", { status: ["failed", "skipped", "missing"], since: ago(day) }),
    plan("failed, 13 days", { status: ["failed"], since: ago(13 * day) }),
  ];
}
