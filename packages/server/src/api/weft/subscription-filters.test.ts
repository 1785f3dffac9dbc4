import { expect, test } from "vitest";
import { limits } from "../../domain/limits.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";

const wanting = (filters: string) =>
  `{"url":"${used.receiver.url()}","event_types":["sync.completed"],"filters":${filters}}`;

async function publish(accountId: string): Promise<string> {
  const { payload, ...event } = completed();
  const text = JSON.stringify({ ...event, payload: { ...payload, a: 0 } }).replace(
    '"a":0',
    `"account_id":${accountId}`,
  );
  return (await used.weft.call("POST", "/events", { text })).body.id;
}

async function sentTo(subscriptionId: string): Promise<string[]> {
  const sent = await used.weft.get(`/webhooks/messages?subscription_id=${subscriptionId}`);
  return sent.body.map(({ id }: { id: string }) => id);
}

test("a filter's numbers are stored, shown and matched as they were given, when created and when changed", async () => {
  const made = await used.weft.call("POST", path, { text: wanting('{"account_id":9007199254740993,"x":[1.10,null]}') });
  const { id } = made.body;
  const shown = async () => (await used.weft.get(`${path}/${id}`)).text;
  expect(await shown()).toContain('"filters":{"account_id":[9007199254740993],"x":[1.10,null]}');
  await publish("9007199254740992");
  const first = await publish("9007199254740993.0");
  expect(await sentTo(id)).toEqual([first]);
  const changed = await used.weft.call("PATCH", `${path}/${id}`, {
    text: '{"filters":{"account_id":[9007199254740995]},"filters":{"account_id":[7,9007199254740994]}}',
  });
  expect(changed.status).toBe(200);
  expect(await shown()).toContain('"filters":{"account_id":[7,9007199254740994]}');
  await publish("9007199254740993");
  await publish("9007199254740995");
  const second = await publish("9007199254740994");
  expect(await sentTo(id)).toEqual([second, first]);
  await used.weft.patch(`${path}/${id}`, { filters: null });
  expect(await shown()).toContain('"filters":null');
});

test("a listener's filters compare exact values as well, even when it is started again", async () => {
  const start = async (filters: string) => {
    const text = `{"name":"exact","filters":${filters}}`;
    return (await used.weft.call("POST", "/webhooks/listeners", { text })).body.id as string;
  };
  const id = await start('{"account_id":[9007199254740993]}');
  await publish("9007199254740992");
  const first = await publish("9007199254740993");
  expect(await sentTo(id)).toEqual([first]);
  expect(await start('{"account_id":[9007199254740992]}')).toBe(id);
  await publish("9007199254740993");
  const second = await publish("9007199254740992");
  expect(await sentTo(id)).toEqual([second, first]);
});

test("a number beyond the range of a double works in a filter, and one without bounds is a 422 with its location", async () => {
  const huge = await used.weft.call("POST", path, { text: wanting('{"account_id":[1e400]}') });
  expect(huge.status).toBe(200);
  await publish("1e401");
  const matching = await publish("10e399");
  expect(await sentTo(huge.body.id)).toEqual([matching]);
  for (const number of ["1e99999999999", "-1e-99999999999", "1".repeat(limits.filterValueLengthMax + 1)]) {
    const refused = await used.weft.call("POST", path, { text: wanting(`{"a":1,"account_id":[1,${number}]}`) });
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].loc).toEqual(["body", "filters", "account_id", 1]);
  }
});
