// Attempt latencies are counted in ranges that grow by the square root of two, so that few numbers describe any count of
// attempts.

/** The exclusive upper bound of each range (ms), where the next range begins. One more range has everything above. */
export const latencyEndsMs = [
  1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1_024, 1_448, 2_048, 2_896, 4_096, 5_793,
  8_192, 11_585, 16_384, 23_170, 32_768, 46_341, 65_536,
] as const;

/** The index of the range that contains a duration. */
export function latencyOf(durationMs: number): number {
  const stretch = latencyEndsMs.findIndex((end) => durationMs < end);
  return stretch === -1 ? latencyEndsMs.length : stretch;
}

/**
 * The duration (ms) that a share of the attempts did not exceed, from the count in each range; null without attempts. The true
 * duration lies in the same range: the result is exact below 4 ms, and within a factor of 1.42 above. Beyond the last bound the
 * result is that bound.
 */
export function percentileMs(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let before = 0;
  const rank = Math.max(1, Math.ceil(total * share));
  const stretch = counts.findIndex((count) => {
    if (before + count >= rank) return true;
    before += count;
    return false;
  });
  const first = latencyEndsMs[stretch - 1] ?? 0;
  const last = (latencyEndsMs[stretch] ?? first + 1) - 1;
  return first + Math.round(((last - first) * (rank - before - 0.5)) / (counts[stretch] ?? 1));
}
