import { expect, test } from "vitest";
import { firstIdAt, type OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { Lanes } from "./lanes.ts";
import { StartLine } from "./start-line.ts";

const organizations: readonly OrganizationId[] = [firstIdAt(1), firstIdAt(2), firstIdAt(3)];
const [busy = firstIdAt(1), second = firstIdAt(2), third = firstIdAt(3)] = organizations;

test("organizations take turns in the line, however many lanes each of them has", () => {
  const lanes = new Lanes();
  const line = new StartLine();
  for (let at = 10; at < 15; at++) line.push(lanes.lane(firstIdAt(at), busy));
  line.push(lanes.lane(firstIdAt(20), second));
  line.push(lanes.lane(firstIdAt(30), third));
  expect(drain(line)).toEqual([busy, second, third, busy, busy, busy, busy]);
  expect(line.isEmpty).toBe(true);
});

test("the lanes of one organization leave the line in the order in which they entered", () => {
  const lanes = new Lanes();
  const line = new StartLine();
  const inOrder = [10, 11, 12].map((at) => lanes.lane(firstIdAt(at), busy));
  for (const lane of inOrder) line.push(lane);
  expect([line.next(), line.next(), line.next()]).toEqual(inOrder);
});

test("an organization with all of its requests running waits, and the others continue", () => {
  const lanes = new Lanes();
  const line = new StartLine();
  const blocked = lanes.lane(firstIdAt(10), busy);
  blocked.share.underWay = limits.organizationConcurrencyMax;
  line.push(blocked);
  line.push(lanes.lane(firstIdAt(20), second));
  expect(drain(line)).toEqual([second]);
  expect(line.isEmpty).toBe(false);
  blocked.share.underWay -= 1;
  expect(drain(line)).toEqual([busy]);
});

function drain(line: StartLine): (OrganizationId | null)[] {
  const drained: (OrganizationId | null)[] = [];
  for (let lane = line.next(); lane !== undefined; lane = line.next()) drained.push(lane.share.organizationId);
  return drained;
}
