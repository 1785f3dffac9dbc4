import type { SourceConnection } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";
import { Quiet } from "../../ui/page.tsx";
import { TimeUntil } from "../../ui/time.tsx";

type Schedule = SourceConnection["schedule"];

const words = texts.producers.schedule;

/** When a connection is synced automatically. */
export function ScheduleText({ schedule }: { schedule: Schedule }) {
  if (schedule === null) return <Quiet>{words.never}</Quiet>;
  if (schedule.continuous) return words.continuous;
  return <code>{words.cron(schedule.cron ?? "", schedule.time_zone)}</code>;
}

/** When it is synced next. */
export function NextRun({ schedule, isPaused }: { schedule: Schedule; isPaused: boolean }) {
  if (schedule === null) return <Quiet>–</Quiet>;
  if (isPaused) return <Quiet>{texts.producers.connections.statuses.inactive}</Quiet>;
  if (schedule.next_run !== null) return <TimeUntil at={schedule.next_run} />;
  return <Quiet>{schedule.continuous ? words.waits : "–"}</Quiet>;
}
