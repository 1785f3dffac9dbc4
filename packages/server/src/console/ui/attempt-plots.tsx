import type { AttemptStats } from "@weft/sdk";
import { useMemo } from "react";
import { texts } from "../texts/texts.ts";
import { Card, Figure, Figures } from "./card.tsx";
import { formatAbout, formatCount, formatDuration, formatShare } from "./format.ts";
import { Columns, Stack } from "./page.tsx";
import { Plot } from "./plot.tsx";

/** Attempts over time: their number, their failures, and their response times. */
export function AttemptPlots({ stats }: { stats: AttemptStats | undefined }) {
  const words = texts.subscriptions.statistics;
  const buckets = stats?.buckets;
  const times = useMemo(() => (buckets ?? []).map(({ start }) => Date.parse(start)), [buckets]);
  const counts = useMemo(
    () =>
      [
        {
          name: words.succeeded,
          tone: "good",
          filled: true,
          values: (buckets ?? []).map(({ succeeded }) => succeeded),
        },
        { name: words.failed, tone: "bad", filled: true, values: (buckets ?? []).map(({ failed }) => failed) },
      ] as const,
    [buckets, words],
  );
  const durations = useMemo(
    () =>
      (
        [
          ["p50", "accent"],
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
          <Plot
            title={words.attempts}
            summary={words.attemptsSummary(formatCount(stats?.succeeded ?? 0), formatCount(stats?.failed ?? 0))}
            times={times}
            series={counts}
            format={formatAbout}
          />
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
