/** What a process has cost so far, over all its threads. */
export interface Usage {
  /** User and system time. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

export function ownUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() };
}
