import { afterAll, beforeAll, expect } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { eventCatalogue } from "../../packages/server/src/domain/event-catalogue.ts";
import { BehavingReceiver } from "./behaving-receiver.ts";
import { type Behaviour, behaviours, type Expected } from "./behaviours.ts";

export const timeoutSeconds = 8;
const settings = {
  // No retry happens while a test runs.
  WEFT_RETRY_SCHEDULE: "1h",
  WEFT_ATTEMPT_TIMEOUT: `${timeoutSeconds}s`,
  WEFT_VERIFY_ENDPOINTS: "false",
};
export const subscriptions = "/webhooks/subscriptions";

interface ShownAttempt {
  readonly status: string;
  readonly response_status_code: number;
  readonly response: string | null;
  readonly error: string | null;
}

/** A Weft, with a receiver for each behaviour and for each way of sending, until the tests of a block are over. */
export function useWeft<Way extends string>(ways: readonly Way[], env: () => Promise<Record<string, string>>) {
  const used = { receivers: new Map<Way, BehavingReceiver[]>() } as {
    weft: RunningWeft;
    receivers: Map<Way, BehavingReceiver[]>;
  };
  beforeAll(async () => {
    used.weft = await RunningWeft.start({ ...settings, ...(await env()) });
    for (const way of ways) used.receivers.set(way, await Promise.all(behaviours.map(BehavingReceiver.start)));
  });
  afterAll(async () => {
    await used.weft[Symbol.asyncDispose]();
    await Promise.all([...used.receivers.values()].flat().map((receiver) => receiver[Symbol.asyncDispose]()));
  });
  return { used, receiversOf: (way: Way) => used.receivers.get(way) ?? [] };
}

export async function publish(weft: RunningWeft, eventType: string): Promise<void> {
  const payload = eventCatalogue.find(({ name }) => name === eventType)?.example;
  expect((await weft.post("/events", { event_type: eventType, payload })).status).toBe(200);
}

export async function subscribe(weft: RunningWeft, body: Record<string, unknown>): Promise<string> {
  const { status, body: subscription } = await weft.post(subscriptions, { event_types: ["sync.completed"], ...body });
  expect(status).toBe(200);
  return subscription.id;
}

function attemptsOnRecord(weft: RunningWeft, subscriptionId: string): Promise<ShownAttempt[]> {
  return until("an attempt is on record", async () => {
    const { body } = await weft.get(`${subscriptions}/${subscriptionId}/attempts`);
    const made = (body as ShownAttempt[]).filter(({ status }) => status !== "pending");
    return made.length > 0 && made;
  });
}

/** The content of a record, in the words of the table. */
export function outcomeOf({ status, response_status_code: code, response, error }: ShownAttempt) {
  const word = error === null ? null : error.slice(0, error.indexOf(":"));
  return { succeeded: status === "success", code, body: response, word };
}

export function recordOf(expected: Expected) {
  if ("reason" in expected) return { succeeded: false, code: 0, body: null, word: expected.reason };
  const { status, body = expect.any(String), note } = expected;
  return { succeeded: status >= 200 && status < 300, code: status, body, word: note };
}

export interface Result {
  readonly outcomes: readonly ReturnType<typeof outcomeOf>[];
  readonly requests: number;
}

/** Each behaviour has its outcome in one attempt, which is the receiver's only request. */
export function expectOneAttemptEach(results: ReadonlyMap<Behaviour, Result>): void {
  const expectedOutcomes = behaviours.map(({ name, expected }) => [
    name,
    { outcomes: [recordOf(expected)], requests: 1 },
  ]);
  const got = [...results].map(([{ name }, result]) => [name, result]);
  expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expectedOutcomes));
}

export async function resultsOf(
  weft: RunningWeft,
  receivers: readonly BehavingReceiver[],
  ids: readonly string[],
): Promise<Map<Behaviour, Result>> {
  const results = receivers.map(async ({ behaviour, requests }, index) => {
    const attempts = await attemptsOnRecord(weft, ids[index] ?? "");
    return [behaviour, { outcomes: attempts.map(outcomeOf), requests: requests.length }] as const;
  });
  return new Map(await Promise.all(results));
}

export async function subscribeAll(
  weft: RunningWeft,
  receivers: readonly BehavingReceiver[],
  target: Record<string, unknown>,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { origin } of receivers) ids.push(await subscribe(weft, { url: `${origin}/hook`, ...target }));
  return ids;
}
