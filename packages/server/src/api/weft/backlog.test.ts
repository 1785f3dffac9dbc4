import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { delayed, status } from "../../delivery/fixtures/receiver.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();

async function backlog() {
  return (await used.weft.get("/webhooks/backlog")).body;
}

test("waiting deliveries are counted, with the reason and the end of the wait, until they are sent", async () => {
  const nothing = { due: 0, later: 0, claimed: 0, oldest_due_at: null, is_exact: true, subscriptions: [] };
  expect(await backlog()).toMatchObject(nothing);
  used.receiver.respond = status(500);
  const { id } = (await subscribe({ retry_schedule: [600] })).body;
  const message = (await used.weft.post("/events", completed())).body.id;
  const waiting = await until("it waits for its retry", async () => {
    const response = await backlog();
    return response.later === 1 && response;
  });
  expect(waiting).toMatchObject({
    due: 0,
    claimed: 0,
    oldest_due_at: null,
    counted_up_to: 10_000,
    is_exact: true,
    subscriptions: [
      {
        subscription_id: id,
        url: used.receiver.url(),
        due: 0,
        later: 1,
        claimed: 0,
        next_attempt_at: expect.stringMatching(/Z$/),
        held_back: null,
      },
    ],
  });
  const slow = delayed();
  used.receiver.respond = slow.respond;
  await used.weft.post(`/webhooks/messages/${message}/resend`);
  await until("it is being sent", async () => (await backlog()).claimed === 1);
  slow.release();
  await until("nothing waits", async () => (await backlog()).subscriptions.length === 0);
  expect(await backlog()).toMatchObject(nothing);
});
