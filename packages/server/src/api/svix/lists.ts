import { z } from "zod";
import { validationFailed } from "../../domain/errors.ts";
import { firstIdAt, type IdPrefix, parseId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Page } from "../../store/store.ts";
import { severalTexts } from "../query-values.ts";
import { AnswerText } from "../route.ts";
import { timeRequest } from "../times.ts";

/** The query parameters that every list has. */
export const listQuery = {
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
  iterator: z.string().optional(),
};

export function order(standard: "ascending" | "descending") {
  return z.enum(["ascending", "descending"]).default(standard);
}

/** Of the lists that may be cut by time. */
export const timeWindow = {
  before: timeRequest.optional(),
  after: timeRequest.optional(),
};

/** Names of event types, one by one or with commas between them. */
export const eventTypesFilter = severalTexts.transform((given) => given?.flatMap((text) => text.split(",")));

/** Where a list goes on. */
export interface Place {
  /** The key of the thing that it goes on from. */
  readonly key: string;
  /** Whether to what came before it. */
  readonly isBackwards: boolean;
}

/**
 * Reads an iterator: the key of the last thing on a page, or `-` and the key of the first, to go back from it. With a
 * prefix the key is an id; what is none is a 422.
 */
export function placeIn(iterator: string | undefined, prefix: IdPrefix | null = null): Place | null {
  if (iterator === undefined || iterator === "") return null;
  const isBackwards = iterator.startsWith("-");
  const text = isBackwards ? iterator.slice(1) : iterator;
  const key = prefix === null ? text : parseId(prefix, text);
  if (key !== null) return { key, isBackwards };
  const msg = "This is not an iterator of this list.";
  throw validationFailed([{ loc: ["query", "iterator"], msg, type: "iterator_invalid" }]);
}

/** With `after` alone a list begins at its far end: the page holds what came next after that time. */
export function placeOf({ after, before }: { after?: number | undefined; before?: number | undefined }): Place | null {
  if (after === undefined || before !== undefined) return null;
  return { key: firstIdAt(after), isBackwards: true };
}

export interface ListAnswer<Item> {
  readonly data: Item[];
  readonly iterator: string | null;
  readonly prevIterator?: string;
  readonly done: boolean;
}

/**
 * The answer for things that were asked for with one more than the page holds, nearest to the place first: so backwards
 * in the turned order of the list.
 */
export function listAnswer<Item, Answer>(
  found: readonly Item[],
  page: { readonly limit: number; readonly place: Place | null },
  keyOf: (item: Item) => string,
  answerOf: (item: Item) => Answer,
): ListAnswer<Answer> {
  const kept = found.slice(0, page.limit);
  const items = page.place?.isBackwards === true ? kept.reverse() : kept;
  const [first, last] = [items[0], items.at(-1)];
  return {
    data: items.map(answerOf),
    iterator: last === undefined ? null : keyOf(last),
    ...(first !== undefined && { prevIterator: `-${keyOf(first)}` }),
    done: found.length <= page.limit,
  };
}

/**
 * The same for a page whose list says by itself where it goes on, which may be short and not the last. The items are JSON
 * already.
 */
export function pageText<Item extends { readonly id: string }>(
  { items, next }: Page<Item, string>,
  place: Place | null,
  prefix: IdPrefix,
  textOf: (item: Item) => string,
): AnswerText {
  const isBackwards = place?.isBackwards ?? false;
  const shown = isBackwards ? items.toReversed() : items;
  const newest = (isBackwards ? next : null) ?? shown[0]?.id;
  const oldest = (isBackwards ? null : next) ?? shown.at(-1)?.id;
  const rest = {
    iterator: oldest === undefined ? null : prefixed(prefix, oldest),
    ...(newest !== undefined && { prevIterator: `-${prefixed(prefix, newest)}` }),
    done: next === null,
  };
  return new AnswerText(`{"data":[${shown.map(textOf).join(",")}],${JSON.stringify(rest).slice(1)}`);
}

export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    iterator: z.string().nullable(),
    prevIterator: z.string().optional(),
    done: z.boolean(),
  });
}
