/** A window of time in the form of addresses: `24h` for the last 24 hours, or ISO times. */
export interface TimeWindow {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The Unix ms of one end of a window; undefined when it is open or unreadable. */
export function timeIn(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const distance = /^(\d{1,5})([mhd])$/.exec(text);
  const unit = unitMs[distance?.[2] ?? ""];
  if (distance !== null && unit !== undefined) return now - Number(distance[1]) * unit;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** A window in the form of the API, relative to now. */
export function windowQuery({ since, until }: TimeWindow, now: number): { since?: string; until?: string } {
  const [from, to] = [timeIn(since, now), timeIn(until, now)];
  return {
    ...(from !== undefined && { since: new Date(from).toISOString() }),
    ...(to !== undefined && { until: new Date(to).toISOString() }),
  };
}

/** A window of attempts in the form of the API, relative to now. */
export function attemptedQuery(
  window: TimeWindow,
  now: number,
): { attempted_since?: string; attempted_until?: string } {
  const { since, until } = windowQuery(window, now);
  return {
    ...(since !== undefined && { attempted_since: since }),
    ...(until !== undefined && { attempted_until: until }),
  };
}
