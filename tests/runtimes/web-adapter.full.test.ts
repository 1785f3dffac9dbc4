import { fixtureOf, signFixture } from "@weft/receiver/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { installRuntimes, runtimes, serve, whyNot } from "./runtime.ts";

/** The secret in the receiver. */
const secret = "whsec_dGhlIHNlY3JldCBvZiBldmVyeSBydW50aW1l";
let weft: RunningWeft;

beforeAll(async () => {
  await installRuntimes();
  weft = await RunningWeft.start();
}, 300_000);

afterAll(() => weft[Symbol.asyncDispose]());

/** The statuses of a subscription's attempts, the last one first. */
async function responses(subscription: string): Promise<number[]> {
  const { body } = await weft.get(`/webhooks/subscriptions/${subscription}/attempts`);
  return body.map(({ response_status_code: status }: { response_status_code: number }) => status);
}

test.for(runtimes)(
  "a receiver in $name accepts Weft's requests once, and refuses others",
  async (runtime, { skip }) => {
    const why = whyNot(runtime);
    skip(why !== null, why ?? "");
    await using receiver = await serve(runtime);
    const handled = async () => await (await fetch(receiver.url)).json();
    const settings = { url: receiver.url, event_types: ["collection.created"], secret };
    const subscription = (await weft.post("/webhooks/subscriptions", settings)).body.id;
    await weft.post("/collections", { name: `Käse für ${runtime.name} ☂` });
    await expect.poll(() => responses(subscription)).toEqual([204]);
    expect(await handled()).toBe(1);

    const [message] = (await weft.get("/webhooks/messages?limit=1")).body;
    await weft.post(`/webhooks/messages/${message.id}/resend`, { subscription_id: subscription });
    await expect.poll(() => responses(subscription)).toEqual([204, 204]);
    expect(await handled()).toBe(1);

    const genuine = await signFixture(fixtureOf("sync.completed"), { secret });
    const forged = await fetch(receiver.url, { ...genuine, body: genuine.body.replace("Sales", "Sails") });
    expect(forged.status).toBe(400);
    expect((await fetch(receiver.url, genuine)).status).toBe(204);
    expect(await handled()).toBe(2);
  },
);
