/** What a process has cost so far, over all its threads. */
export interface Usage {
  /** User and system time. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** The most that it ever was. */
  readonly residentPeakBytes: number;
  /** Handed to the disk; 0 where the system does not say. */
  readonly writtenBytes: number;
}

// Linux counts what a process writes in these, whatever the disk's own blocks are.
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
