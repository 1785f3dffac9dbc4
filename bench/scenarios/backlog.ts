import { randomBytes } from "node:crypto";
import { idSource, type OrganizationId, type SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { StoredMessage } from "../database.ts";
import { eventType, payloadText } from "../event-requests.ts";
import { machineMs } from "../machine-clock.ts";
import { atLeast, atMost, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario, scaled } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const dueCount = 1_000_000;
const shareOfSustainedFloor = 0.7;
const residentMiBMax = 400;

/** After an outage everything is due immediately, and more of it than fits into memory. */
export const backlog: Scenario = {
  name: "backlog",
  needs: ["sustained"],
  isDefault: false,
  minutesMax: 15,
  run: measureBacklog,
};

async function measureBacklog(run: Run): Promise<Result[]> {
  const count = scaled(run, dueCount);
  await using weft = await WeftUnderLoad.open(run);
  const { installation, traffic } = weft;
  const organizationId = await weft.firstOrganizationId();
  const subscriptionId = await weft.subscribe(0);
  await installation.stop();
  await installation.store(dueMessages({ count, organizationId, subscriptionId, weft }));

  await installation.start();
  const startedAt = machineMs();
  let residentBytes = 0;
  await traffic.untilReceived(count, async () => {
    residentBytes = Math.max(residentBytes, (await installation.usage()).residentBytes);
  });
  await weft.untilRecorded();
  const perSecond = (count / (machineMs() - startedAt)) * 1_000;
  await weft.finish();

  const scenario = "backlog" as const;
  return [
    reported({ scenario, metric: "due at the start", value: count, unit: "deliveries" }),
    reported({ scenario, metric: "rate", value: perSecond, unit: "deliveries/s" }),
    atLeast(shareOfSustainedFloor, {
      scenario,
      metric: "rate, of the sustained",
      value: perSecond / measured(run, "sustained", "rate"),
      unit: "of 1",
    }),
    atMost(residentMiBMax, { scenario, metric: "memory at most", value: residentBytes / 2 ** 20, unit: "MiB" }),
  ];
}

interface Due {
  readonly count: number;
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
  readonly weft: WeftUnderLoad;
}

function* dueMessages({ count, organizationId, subscriptionId, weft }: Due): Generator<StoredMessage> {
  const newId = idSource(Date.now, randomBytes);
  const payload = payloadText();
  for (let made = 0; made < count; made++) {
    const id = newId<"message">();
    const createdAt = Date.now();
    weft.traffic.expect(id, 0);
    yield {
      message: { id, organizationId, eventType, eventId: null, payload, createdAt },
      deliveries: [{ subscriptionId, state: "due", dueAt: createdAt, attempts: [] }],
    };
  }
}
