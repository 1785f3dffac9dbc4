import { z } from "zod";
import { type Id, parseUuid } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SortedPageOf, SortPosition } from "../store/page.ts";
import { cursorInvalid, pageOf, readInSteps } from "./pages.ts";
import { TextResponse } from "./route.ts";

/** The query parameters of a list that can be ordered by a value. */
export function sortQuery<Sorts extends readonly [string, ...string[]]>(sorts: Sorts, things: string, more = "") {
  return {
    sort: z
      .enum(sorts)
      .optional()
      .describe(
        `The value that orders the list, in place of the time of creation.${more} It orders the newest ${limits.sortedMax} ${things}.`,
      ),
    order: z.enum(["ascending", "descending"]).default("ascending").describe("The direction of `sort`."),
  };
}

interface SortedList<Item, Kind extends string, Sort extends string> {
  readonly sort: Sort;
  readonly order: "ascending" | "descending";
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly read: (page: SortedPageOf<Id<Kind>, Sort>) => Promise<readonly Item[]>;
  readonly positionOf: (item: Item) => SortPosition<Id<Kind>>;
  readonly responseOf: (item: Item) => unknown;
  readonly nextPage: (cursor: string) => void;
  readonly step?: number;
}

/** The response with one page of a list that is ordered by a value. */
export async function respondWithSortedList<Item, Kind extends string, Sort extends string>(
  list: SortedList<Item, Kind, Sort>,
): Promise<TextResponse> {
  const { sort, order, limit, cursor, read, positionOf, responseOf, nextPage, step } = list;
  const page = await readInSteps({
    limit,
    cursor: positionIn<Kind>(cursor),
    read: async (part) => {
      const descending = order === "descending";
      const found = await read({ sort, descending, position: part.cursor, limit: part.limit + 1 });
      return pageOf(found, part.limit, positionOf);
    },
    cursorOf: positionOf,
    textOf: (item) => JSON.stringify(responseOf(item)),
    ...(step !== undefined && { step }),
  });
  if (page.next !== null) nextPage(positionText(page.next));
  return new TextResponse(`[${page.texts.join(",")}]`);
}

/** The cursor of a sorted list: the id of the last item, and the value by which it was ordered. */
function positionText({ key, id }: SortPosition<string>): string {
  return `${id}.${Buffer.from(key).toString("base64url")}`;
}

/** Throws a 422 for a text that is not such a cursor. */
function positionIn<Kind extends string>(cursor: string | undefined): SortPosition<Id<Kind>> | null {
  if (cursor === undefined) return null;
  const [id, key] = cursor.split(".", 2);
  const parsed = parseUuid<Kind>(id ?? "");
  if (parsed === null || key === undefined) throw cursorInvalid();
  const text = Buffer.from(key, "base64url").toString();
  // PostgreSQL refuses this character in a text.
  if (text.includes("\0")) throw cursorInvalid();
  return { id: parsed, key: text };
}
