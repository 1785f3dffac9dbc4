// How long messages are kept: by the installation, by their organization, and by their event type. The shortest time applies.

import type { Organization } from "./organization.ts";

export interface RetentionSettings {
  /** How long the installation keeps messages (ms). Nothing is kept longer. */
  readonly retentionMs: number;
  /** Shorter times for event types (ms), by name. */
  readonly retentionEventTypes: ReadonlyMap<string, number>;
}

/** Messages that have expired: those of an event type, or of all types, from before a time (ms). */
export interface ExpiredRange {
  /** Null for all event types. */
  readonly eventType: string | null;
  readonly before: number;
}

export const dayMs = 86_400_000;

/**
 * The messages of an organization that have expired, besides those that the retention of the installation deletes. `includesAll`
 * adds the latter.
 */
export function expiredRanges(
  settings: RetentionSettings,
  { retentionDays, eventTypeRetentionDays }: Pick<Organization, "retentionDays" | "eventTypeRetentionDays">,
  { now, includesAll }: { now: number; includesAll: boolean },
): ExpiredRange[] {
  const keptMs = Math.min(settings.retentionMs, (retentionDays ?? Number.POSITIVE_INFINITY) * dayMs);
  const keptByType = new Map<string, number>();
  const own = Object.entries(eventTypeRetentionDays).map(([eventType, days]) => [eventType, days * dayMs] as const);
  for (const [eventType, ms] of [...settings.retentionEventTypes, ...own]) {
    keptByType.set(eventType, Math.min(ms, keptByType.get(eventType) ?? keptMs));
  }
  const shorter = [...keptByType].filter(([, ms]) => ms < keptMs);
  const ranges = shorter.map(([eventType, ms]): ExpiredRange => ({ eventType, before: now - ms }));
  const isShortened = includesAll || keptMs < settings.retentionMs;
  return isShortened ? [...ranges, { eventType: null, before: now - keptMs }] : ranges;
}
