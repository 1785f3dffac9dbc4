import { expect, test } from "vitest";
import { nextRunAfter, scheduleMistake } from "./schedule.ts";

const at = (text: string) => Date.parse(text);

function runs(cron: string, timeZone: string, from: string, count: number): string[] {
  const found: string[] = [];
  for (let after = at(from); found.length < count; ) {
    const next = nextRunAfter({ cron, timeZone }, after);
    if (next === null) break;
    found.push(new Date(next).toISOString());
    after = next;
  }
  return found;
}

test("a schedule is due on the clock of its time zone", () => {
  expect(runs("0 6 * * *", "UTC", "2026-01-01T06:00:00Z", 2)).toEqual([
    "2026-01-02T06:00:00.000Z",
    "2026-01-03T06:00:00.000Z",
  ]);
  expect(runs("0 6 * * *", "Europe/Berlin", "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-01T05:00:00.000Z"]);
  expect(runs("*/30 9 * * 1-5", "UTC", "2026-01-02T09:15:00Z", 2)).toEqual([
    "2026-01-02T09:30:00.000Z",
    "2026-01-05T09:00:00.000Z",
  ]);
});

test("across a change of the clock a fixed time runs once a day, even if that day has it twice or not at all", () => {
  const spring = runs("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3);
  expect(spring.map((time) => time.slice(0, 10))).toEqual(["2026-03-28", "2026-03-29", "2026-03-30"]);
  const autumn = runs("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", 3);
  expect(autumn.map((time) => time.slice(0, 10))).toEqual(["2026-10-24", "2026-10-25", "2026-10-26"]);
});

test("an invalid schedule is reported with a sentence", () => {
  const mistake = (cron: string, timeZone = "UTC") => scheduleMistake({ cron, timeZone }, at("2026-01-01T00:00:00Z"));
  expect(mistake("0 6 * * *")).toBeNull();
  expect(mistake("0 6 * * *", "Europe/Berlin")).toBeNull();
  for (const cron of ["", "* * * *", "0 0 6 * * *", "61 * * * *", "every day", "0 6 * * *\u0000"]) {
    expect(mistake(cron), JSON.stringify(cron)).toContain("not a cron expression of five fields");
  }
  expect(mistake("0 0 30 2 *")).toBe("This schedule is never due.");
  expect(mistake("0 6 * * *", "Mars/Olympus")).toBe("Mars/Olympus is not a time zone such as Europe/Berlin.");
});
