import type { LinkProps } from "@tanstack/react-router";
import type { AttemptStats } from "@weft/sdk";
import { useMemo } from "react";
import { texts } from "../texts/texts.ts";
import { Card, Figure, Figures } from "./card.tsx";
import { formatCount, formatDuration, formatShare } from "./format.ts";
import { Columns, Stack } from "./page.tsx";
import { Plot } from "./plot.tsx";
import { type AttemptsPart, StatusBars } from "./status-bars.tsx";

interface AttemptPlotsProps {
  readonly stats: AttemptStats | undefined;
  /** A link to the list of a part of the attempts. */
  readonly linkTo: (part: AttemptsPart) => LinkProps;
}

/** Attempts over time: their number by status, and their response times. */
export function AttemptPlots({ stats, linkTo }: AttemptPlotsProps) {
  const words = texts.subscriptions.statistics;
  const buckets = stats?.buckets;
  const times = useMemo(() => (buckets ?? []).map(({ start }) => Date.parse(start)), [buckets]);
  const durations = useMemo(
    () =>
      (
        [
          ["p50", "info"],
          ["p90", "warning"],
          ["p99", "quiet"],
        ] as const
      ).map(([name, tone]) => ({
        name: words[name],
        tone,
        values: (buckets ?? []).map(({ duration_ms: ms }) => ms?.[name] ?? null),
      })),
    [buckets, words],
  );
  const latency = stats?.duration_ms ?? null;
  return (
    <Stack>
      <Figures>
        <Figure name={words.attempts}>{stats === undefined ? "–" : formatCount(stats.attempts)}</Figure>
        <Figure name={words.rate}>
          {stats === undefined || stats.attempts === 0 ? "–" : formatShare(stats.succeeded / stats.attempts)}
        </Figure>
        <Figure name={`${words.latency}, ${words.p50}`}>{latency === null ? "–" : formatDuration(latency.p50)}</Figure>
        <Figure name={`${words.latency}, ${words.p99}`}>{latency === null ? "–" : formatDuration(latency.p99)}</Figure>
      </Figures>
      <Columns>
        <Card>
          <StatusBars stats={stats} linkTo={linkTo} />
        </Card>
        <Card>
          <Plot
            title={words.latency}
            summary={
              latency === null
                ? words.none
                : words.latencySummary(formatDuration(latency.p50), formatDuration(latency.p99))
            }
            times={times}
            series={durations}
            format={formatDuration}
          />
        </Card>
      </Columns>
    </Stack>
  );
}
