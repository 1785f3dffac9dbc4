import { expect, test } from "vitest";
import { ManualClock, until } from "../../../delivery/fixtures/manual-clock.ts";
import { Alarm } from "../../../domain/alarm.ts";
import type { OrganizationId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import type { StreamKind } from "../../../domain/stream-kind.ts";
import type { ReadStream, StreamPage } from "../../../store/streams/interface.ts";
import { type Member, OrganizationFeed } from "./organization-feed.ts";

/** A store that returns results when the test decides. */
class HeldStore {
  readonly reads: { params: ReadStream; resolve: (page: StreamPage) => void }[] = [];

  readStream(params: ReadStream): Promise<StreamPage> {
    return new Promise((resolve) => this.reads.push({ params, resolve }));
  }

  async resolve(number: number, position: string): Promise<readonly StreamKind[]> {
    const reads = await until(`look ${number} was taken`, () => this.reads[number]);
    reads.resolve({ isGap: false, steps: [], position, isEnd: true });
    return reads.params.kinds;
  }
}

function member(kinds: readonly StreamKind[]): Member {
  return { filter: { kinds, withPayloads: false, receivers: [] }, alarm: new Alarm(), number: null };
}

test("a member that joins during a read starts after it, because the read may omit items that only this member selects", async () => {
  const [store, clock] = [new HeldStore(), new ManualClock(0)];
  const feed = new OrganizationFeed(store, clock, "o" as OrganizationId);
  const [one, other] = [member(["message"]), member(["attempt"])];
  const joined = feed.join(one);
  expect(await store.resolve(0, "p0")).toEqual(["message"]);
  expect(await joined).toEqual({ number: 0, position: "p0" });
  await until("a look is under way", () => store.reads[1]);
  const later = feed.join(other);
  expect(await store.resolve(1, "p1")).toEqual(["message"]);
  expect((await later).position).toBe("p1");
  await until("it looks again", () => {
    clock.advance(limits.streamLookMs);
    return store.reads[2];
  });
  expect(await store.resolve(2, "p2")).toEqual(["message", "attempt"]);
  feed.leave(one);
  feed.leave(other);
  clock.advance(limits.streamLookMs);
});
