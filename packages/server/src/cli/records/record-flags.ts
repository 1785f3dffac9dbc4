import type { WeftClient } from "@weft/sdk";
import type { Command } from "commander";
import { addRemoteFlags, connect, type RemoteFlags } from "../client.ts";
import { CommandError } from "../failure.ts";
import { addOutputFlags, type OutputFlags } from "../output.ts";
import type { Environment } from "../settings.ts";
import { addWideFlag, type WideFlag } from "./record-table.ts";

/** The flags of commands that read and change records of a running Weft. */
export interface RecordFlags extends RemoteFlags, OutputFlags, WideFlag {}

export function addRecordFlags(command: Command): Command {
  return addWideFlag(
    addOutputFlags(addRemoteFlags(command)).option("--org, --organization <id>", "the organization (for operators)"),
  );
}

export function clientFor(flags: RecordFlags, env: Environment): WeftClient {
  return connect(flags, env).client;
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a time: `2h` ago, or an ISO time. Returns an ISO time. */
export function readTime(flag: string, now: () => number): (text: string) => string {
  return (text) => {
    const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
    const ms = count === undefined ? Date.parse(text) : now() - Number(count) * (unitMs[unit] ?? 0);
    if (!Number.isNaN(ms)) return new Date(ms).toISOString();
    throw new CommandError(
      2,
      `${flag} is a duration such as 2h, or a time such as 2026-01-15T14:30:00Z; got "${text}".`,
    );
  };
}

export function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= limitMax) return limit;
  throw new CommandError(2, `--limit is a whole number from 1 to ${limitMax}; got "${text}".`);
}

const limitMax = 1_000;

/** Reads `limit` items of a list that has pages. */
export async function take<Item>(items: AsyncIterable<Item>, limit: number): Promise<Item[]> {
  const taken: Item[] = [];
  if (limit === 0) return taken;
  for await (const item of items) {
    taken.push(item);
    if (taken.length === limit) break;
  }
  return taken;
}
