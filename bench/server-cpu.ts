import { readdirSync, readFileSync } from "node:fs";

// Linux reports times to user programs in hundredths of a second, on every machine.
const tickMs = 10;

/** CPU time of a server that has a process for each connection, ended ones included; null without /proc. */
export function serverCpuMs(serverPid: number): number | null {
  let pids: string[];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const processes = pids.map(processOf).filter((process) => process !== null);
  const server = processes.find(({ pid }) => pid === serverPid);
  if (server === undefined) return null;
  const running = processes.filter(({ pid, parent }) => pid === serverPid || parent === serverPid);
  return running.reduce((sum, { cpuMs }) => sum + cpuMs, server.endedChildrenMs);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
  readonly endedChildrenMs: number;
}

/** Null when it has ended meanwhile. */
function processOf(pid: string): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the name, which may contain anything: state, parent, ... user, system, and both of ended children.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [ended = 0, endedInSystem = 0] = fields.slice(13, 15);
    const [nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ").map(Number);
    return {
      pid: Number(pid),
      parent: fields[1] ?? 0,
      cpuMs: (nanoseconds ?? 0) / 1e6,
      endedChildrenMs: (ended + endedInSystem) * tickMs,
    };
  } catch {
    return null;
  }
}
