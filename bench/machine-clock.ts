/** Milliseconds since the machine started, with fractions: one clock for all processes that is never set back. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
