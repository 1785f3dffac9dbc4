import { describe, expect, test } from "vitest";
import { type Behaviour, behaviours } from "./behaviours.ts";
import { expectOneAttemptEach, publish, resultsOf, subscribeAll, subscriptions, useWeft } from "./sent-behaviours.ts";

// The other ways out are in every-way-out.full.test.ts.

describe("without checks of endpoints", () => {
  const { used, receiversOf } = useWeft(["endpoint"], async () => ({}));

  test("a delivery to an endpoint has the outcome of the table, in one request", async () => {
    const ids = await subscribeAll(used.weft, receiversOf("endpoint"), {});
    await publish(used.weft, "sync.completed");
    expectOneAttemptEach(await resultsOf(used.weft, receiversOf("endpoint"), ids));
  });
});

describe("with checks of endpoints", () => {
  const { used, receiversOf } = useWeft(["endpoint"], async () => ({ WEFT_VERIFY_ENDPOINTS: "true" }));

  test("every endpoint that sends a status line and headers is accepted, after one request", async () => {
    const checked = receiversOf("endpoint").map(async ({ behaviour, origin, requests }) => {
      const expectedOutcomes = { url: `${origin}/hook`, event_types: ["sync.completed"] };
      const { status } = await used.weft.post(subscriptions, expectedOutcomes);
      return [behaviour.name, { isAccepted: status === 200, requests: [...requests] }];
    });
    // The response to HEAD has no body that could be late.
    const isReachable = ({ name, expected }: Behaviour) =>
      "status" in expected || name === "sends a body slowly and without end";
    const expected = behaviours.map((behaviour) => [
      behaviour.name,
      { isAccepted: isReachable(behaviour), requests: ["HEAD /hook HTTP/1.1"] },
    ]);
    expect(Object.fromEntries(await Promise.all(checked))).toEqual(Object.fromEntries(expected));
  });
});
