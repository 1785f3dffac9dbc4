/** The cost of a process so far, over all its threads. */
export interface Usage {
  /** User and system time. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** The maximum so far. */
  readonly residentPeakBytes: number;
  /** Bytes written to the disk; 0 if the system does not report them. */
  readonly writtenBytes: number;
}

// Linux counts the writes of a process in these units, regardless of the blocks of the disk.
const blockBytes = 512;

export function ownUsage(): Usage {
  const { user, system } = process.cpuUsage();
  const { maxRSS, fsWrite } = process.resourceUsage();
  return {
    cpuMs: (user + system) / 1000,
    residentBytes: process.memoryUsage.rss(),
    residentPeakBytes: maxRSS * 1024,
    writtenBytes: fsWrite * blockBytes,
  };
}
