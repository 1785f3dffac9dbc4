import { Cron } from "croner";
import type { CronSchedule, Schedule } from "../domain/source-connection.ts";

/**
 * When a schedule is due next after a time (Unix ms), in its time zone; null when it never is again, or waits for a change.
 * Across a change of the clock a fixed time runs once, even where that day has it twice or not at all.
 */
export function nextRunAfter(schedule: Schedule, after: number): number | null {
  if ("continuous" in schedule) return null;
  return cronOf(schedule).nextRun(new Date(after))?.getTime() ?? null;
}

/** Describes the mistake in a schedule; null without one. */
export function scheduleMistake(schedule: Schedule, now: number): string | null {
  if ("continuous" in schedule) return null;
  if (!isTimeZone(schedule.timeZone)) return `${schedule.timeZone} is not a time zone such as Europe/Berlin.`;
  try {
    return nextRunAfter(schedule, now) === null ? "This schedule is never due." : null;
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
    return `This is not a cron expression of five fields such as 0 6 * * 1-5: ${detail}`;
  }
}

function cronOf({ cron, timeZone }: CronSchedule): Cron {
  return new Cron(cron, { timezone: timeZone, mode: "5-part" });
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
