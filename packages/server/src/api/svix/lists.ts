import { z } from "zod";
import { validationFailed } from "../../domain/errors.ts";
import { firstIdAt, type IdPrefix, parseId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { pageOf, readInSteps, type TextPage } from "../../http/pages.ts";
import { TextResponse } from "../../http/route.ts";
import { queryTime } from "../../http/times.ts";
import type { PageOf } from "../../store/page.ts";
import { uid } from "../own-fields.ts";

/** The query parameters that every list has. */
export const listQuery = {
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
  iterator: z.string().optional(),
};

export function order(standard: "ascending" | "descending") {
  return z.enum(["ascending", "descending"]).default(standard);
}

/** The query parameters of lists that can be filtered by time. */
export const timeWindow = {
  before: queryTime.optional().describe("Items before this time."),
  after: queryTime
    .optional()
    .describe("Items at this time or later. Without `before`, the list begins with the items next to this time."),
};

/** Names of event types, repeated or separated by commas. */
export const eventTypesFilter = z
  .union([z.string(), z.array(z.string()).max(limits.repeatedMax)])
  .transform((given) => [given].flat().flatMap((text) => text.split(",")))
  .pipe(z.array(uid).max(limits.repeatedMax, { error: `At most ${limits.repeatedMax} names are allowed.` }))
  .optional();

export const channelFilter = uid.optional();

/** The position where a list continues. */
export interface ListPosition {
  /** The key of the item that it continues from. */
  readonly key: string;
  /** Whether it continues towards the items before that key. */
  readonly isBackwards: boolean;
  /** Whether the list was read from a time on, so that its iterator also continues towards the items before. */
  readonly isFromTime?: boolean;
}

/**
 * Parses the iterator of a list by id: the id of the last item on a page, or `-` and the id of the first, to page back from it. An
 * invalid iterator is a 422.
 */
export function positionIn(iterator: string | undefined, prefix: IdPrefix): ListPosition | null {
  return positionBy(iterator, (text) => parseId(prefix, text));
}

/** The position in a list by name; see `positionIn`. */
export function positionByName(iterator: string | undefined): ListPosition | null {
  return positionBy(iterator, (text) => uid.safeParse(text).data ?? null);
}

function positionBy(iterator: string | undefined, keyIn: (text: string) => string | null): ListPosition | null {
  if (iterator === undefined || iterator === "") return null;
  const isBackwards = iterator.startsWith("-");
  const key = keyIn(isBackwards ? iterator.slice(1) : iterator);
  if (key !== null) return { key, isBackwards };
  const msg = "This is not an iterator of this list.";
  throw validationFailed([{ loc: ["query", "iterator"], msg, type: "iterator_invalid" }]);
}

interface TimedQuery {
  readonly iterator?: string | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
}

/**
 * The position in a list that can be filtered by time. With `after` alone, it begins at its far end: the first page has the
 * items that follow that time most closely, and both of its iterators lead to later items.
 */
export function positionInTime({ iterator, after, before }: TimedQuery, prefix: IdPrefix): ListPosition | null {
  const given = positionIn(iterator, prefix);
  if (after === undefined || before !== undefined) return given;
  if (given === null) return { key: firstIdAt(after), isBackwards: true, isFromTime: true };
  return { ...given, isFromTime: given.isBackwards };
}

interface ListInSteps<Item extends { readonly id: string }> {
  readonly limit: number;
  readonly position: ListPosition | null;
  /** Reads a part of the list: the items nearest to the cursor first, thus in reverse order when the list is reversed. */
  readonly read: (part: PageOf<Item["id"]>) => Promise<readonly Item[]>;
  readonly prefix: IdPrefix;
  readonly responseOf: (item: Item) => unknown;
  readonly step?: number;
}

/** The response with one page of items that the store lists by id. */
export async function respondWithList<Item extends { readonly id: string }>({
  limit,
  position,
  read,
  prefix,
  responseOf,
  ...size
}: ListInSteps<Item>): Promise<TextResponse> {
  const page = await readInSteps({
    limit,
    cursor: (position?.key ?? null) as Item["id"] | null,
    read: async (part) => pageOf(await read({ ...part, limit: part.limit + 1 }), part.limit, ({ id }) => id),
    cursorOf: ({ id }) => id as Item["id"],
    textOf: (item) => JSON.stringify(responseOf(item)),
    ...size,
  });
  return pageText(page, position, (id) => prefixed(prefix, id));
}

/**
 * The response for a page of a list that returns its own cursor and may be short before the end. The items are already JSON.
 */
export function pageText<Item extends { readonly id: string }>(
  { items, texts, next }: TextPage<Item, string>,
  position: ListPosition | null,
  keyOf: (id: string) => string,
): TextResponse {
  const isBackwards = position?.isBackwards ?? false;
  const [first, last] = isBackwards ? [items.at(-1), items[0]] : [items[0], items.at(-1)];
  const newest = (isBackwards ? next : null) ?? first?.id;
  const oldest = (isBackwards ? null : next) ?? last?.id;
  const backwards = newest === undefined ? null : `-${keyOf(newest)}`;
  const forwards = oldest === undefined ? null : keyOf(oldest);
  const rest = {
    iterator: position?.isFromTime === true ? backwards : forwards,
    ...(backwards !== null && { prevIterator: backwards }),
    done: next === null,
  };
  const shown = isBackwards ? texts.toReversed() : texts;
  return new TextResponse(`{"data":[${shown.join(",")}],${JSON.stringify(rest).slice(1)}`);
}

export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    iterator: z.string().nullable(),
    prevIterator: z.string().optional(),
    done: z.boolean(),
  });
}
