import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { SourceError } from "../../source.ts";

/** The position of a connection: the state of its tap, and the facts that detect deletions. */
export interface TapCursor {
  /** The text of the tap's last state; null without one. */
  readonly state: string | null;
  /** Whether the jobs since the last completed one began without a state, and so read everything. */
  readonly isWhole: boolean;
  /** The interrupted jobs since the last completed one. */
  readonly interrupted: readonly string[];
  /** The versions of streams that a completed job has activated. */
  readonly versions: ReadonlyMap<string, string>;
}

export const beginning: TapCursor = { state: null, isWhole: true, interrupted: [], versions: new Map() };

const facts = z.object({
  isWhole: z.boolean(),
  interrupted: z.array(z.string()),
  versions: z.array(z.tuple([z.string(), z.string()])),
  hasState: z.boolean(),
});

/** The facts are on the first line, and the state follows as the tap wrote it. */
export function cursorText({ state, isWhole, interrupted, versions }: TapCursor): string {
  const hasState = state !== null;
  const text = `${JSON.stringify({ isWhole, interrupted, versions: [...versions], hasState })}\n${state ?? ""}`;
  if (Buffer.byteLength(text) <= limits.sourceCursorBytesMax) return text;
  throw new SourceError(
    `The tap's state has more than ${limits.sourceCursorBytesMax} bytes, which is the limit. Select fewer streams.`,
  );
}

/** The beginning after too many interrupted jobs, and for a text that is no cursor. */
export function cursorIn(text: string | null): TapCursor {
  const end = text?.indexOf("\n") ?? -1;
  if (text === null || end < 0) return beginning;
  const { hasState, versions, ...read } = facts.parse(JSON.parse(text.slice(0, end)));
  if (read.interrupted.length >= limits.singerInterruptedJobsMax) return beginning;
  return { ...read, versions: new Map(versions), state: hasState ? text.slice(end + 1) : null };
}
