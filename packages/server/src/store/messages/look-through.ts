import type { MessageId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Page, PageOf } from "../page.ts";
import type { PageBytes } from "../page-bytes.ts";
import type { Candidates, FindCandidates } from "./candidates.ts";

const firstLook = 4;

/** The limits of a page. */
export interface LookBounds {
  readonly examinedMax: number;
  /** Messages that are read at a time. */
  readonly sizeMax: number;
  /** Called after each chunk: the last message that was examined, if the page has already cost enough for another reason. */
  readonly spentAt: () => MessageId | null;
}

const usualBounds: LookBounds = { examinedMax: limits.examinedForPageMax, sizeMax: 2_000, spentAt: () => null };

/**
 * Examines the messages that may match a list, chunk by chunk, until the page is full or has examined as many messages
 * as a page may; then the page is short, and says where to continue. `read` returns the matching messages of a chunk,
 * which is not empty; once the page is full by its bytes, it returns those that still fit.
 */
export async function lookThrough<Item extends { readonly id: MessageId }>(
  candidates: FindCandidates,
  { limit, cursor: start }: PageOf<MessageId>,
  bytes: Pick<PageBytes, "isFull">,
  read: (ids: readonly MessageId[], limit: number) => Promise<readonly Item[]>,
  { examinedMax, sizeMax, spentAt }: LookBounds = usualBounds,
): Promise<Page<Item, MessageId>> {
  const found: Item[] = [];
  let cursor = start;
  let size = Math.min(limit + 1, sizeMax);
  for (let examined = 0; ; ) {
    const { ids, isEnd }: Candidates = await candidates(cursor, size);
    if (ids.length > 0) found.push(...(await read(ids, limit + 1 - found.length)));
    if (found.length > limit) return { items: found.slice(0, -1), next: found.at(-2)?.id ?? null };
    if (bytes.isFull) return { items: found, next: found.at(-1)?.id ?? cursor };
    const last = spentAt();
    if (last !== null) return { items: found, next: last };
    cursor = ids.at(-1) ?? cursor;
    if (isEnd) return { items: found, next: null };
    examined += ids.length;
    if (examined >= examinedMax) return { items: found, next: cursor };
    size = Math.min(size * firstLook, sizeMax, examinedMax - examined);
  }
}
