import { Link, type LinkProps } from "@tanstack/react-router";
import type { AttemptStats } from "@weft/sdk";
import { texts } from "../texts/texts.ts";
import { formatCount, formatDateTime } from "./format.ts";
import styles from "./status-bars.module.css";
import { type StatusClass, statusClasses } from "./status-class-filter.tsx";

/** A part of the attempts, for the link to their list. Times are in ISO 8601. */
export interface AttemptsPart {
  readonly statusClass: StatusClass;
  readonly since: string;
  readonly until: string;
}

interface StatusBarsProps {
  readonly stats: AttemptStats | undefined;
  /** A link to the list of these attempts. */
  readonly linkTo: (part: AttemptsPart) => LinkProps;
}

const words = texts.subscriptions.statistics;

/** The number of attempts over time, in bars by the class of the response's status. Each segment opens the list of its attempts. */
export function StatusBars({ stats, linkTo }: StatusBarsProps) {
  const shown = statusClasses.filter((name) => name === "2xx" || (stats?.by_status[name] ?? 0) > 0);
  const buckets = stats?.buckets ?? [];
  const most = Math.max(1, ...buckets.map(({ attempts }) => attempts));
  const stepMs = (stats?.step_seconds ?? 0) * 1_000;
  const ticks = [buckets[0], buckets[Math.floor(buckets.length / 2)], buckets.at(-1)];
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span className={styles.title}>{words.attempts}</span>
        {stats !== undefined &&
          shown.map((statusClass) => (
            <Link
              key={statusClass}
              {...linkTo({ statusClass, since: stats.since, until: stats.until })}
              className={styles.key}
              data-status={statusClass}
            >
              {words.statusClasses[statusClass]} {formatCount(stats.by_status[statusClass])}
            </Link>
          ))}
      </figcaption>
      <div className={styles.plot}>
        <span className={styles.most}>{stats === undefined ? "" : formatCount(most)}</span>
        <ul className={styles.bars} aria-label={words.attemptsOverTime}>
          {buckets.map(({ start, by_status: counts }) => (
            <li key={start} className={styles.bar}>
              {shown
                .filter((statusClass) => counts[statusClass] > 0)
                .map((statusClass) => {
                  const name = words.segment(
                    formatCount(counts[statusClass]),
                    words.statusClasses[statusClass],
                    formatDateTime(new Date(start)),
                  );
                  const until = new Date(Date.parse(start) + stepMs).toISOString();
                  return (
                    <Link
                      key={statusClass}
                      {...linkTo({ statusClass, since: start, until })}
                      className={styles.segment}
                      data-status={statusClass}
                      style={{ height: `${(counts[statusClass] / most) * 100}%` }}
                      // The keys above lead to the same lists; a stop at each segment would take hundreds of presses.
                      tabIndex={-1}
                      title={name}
                      aria-label={name}
                    />
                  );
                })}
            </li>
          ))}
        </ul>
        <p className={styles.ticks} aria-hidden="true">
          {ticks.map((bucket, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the ticks have fixed places
            <span key={index}>{bucket === undefined ? "" : formatTick(new Date(bucket.start), stepMs)}</span>
          ))}
        </p>
      </div>
    </figure>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  ...{ month: "short", day: "numeric" },
  ...{ hour: "2-digit", minute: "2-digit" },
});
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const minuteMs = 60_000;

function formatTick(time: Date, stepMs: number): string {
  if (stepMs <= minuteMs) return clock.format(time);
  return stepMs < 6 * 60 * minuteMs ? dayAndClock.format(time) : day.format(time);
}
