// How long attempts took, counted in stretches that grow by the square root of two: few numbers for any count of attempts.

/** Where each stretch ends (ms, outside); the next begins there. What takes longer than all is in one more. */
export const latencyEndsMs = [
  1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1_024, 1_448, 2_048, 2_896, 4_096, 5_793,
  8_192, 11_585, 16_384, 23_170, 32_768, 46_341, 65_536,
] as const;

/** The number of the stretch that a duration lies in. */
export function latencyOf(durationMs: number): number {
  const stretch = latencyEndsMs.findIndex((end) => durationMs < end);
  return stretch === -1 ? latencyEndsMs.length : stretch;
}

/**
 * The duration (ms) that a share of the attempts did not exceed, from how many lie in each stretch; null without any. The
 * true one lies in the same stretch: it is exact below 4 ms, and above within a factor of 1.42. Beyond the last end it is
 * that end.
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
