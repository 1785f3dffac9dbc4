export type { Stake } from "./testing/check.ts";
export {
  eventTypes,
  type FixtureFields,
  fixtureOf,
  newMessageId,
  type SignedFixture,
  type SignFixtureOptions,
  signFixture,
} from "./testing/fixture.ts";
export {
  type CheckResult,
  type Grade,
  type GradeOptions,
  type GradeReport,
  gradeReceiver,
} from "./testing/grade-receiver.ts";
