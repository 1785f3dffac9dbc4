import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";

/** What is remembered of a page, so that the host can say that it has not changed. */
export interface KnownPage {
  /** An ETag, else the time of the last change, as the host said it. */
  readonly validator: string;
  /** The beginning of the entity's hash, as it was stored. */
  readonly hash: string;
  /** Where it leads within the site: an unchanged page does not say so again. */
  readonly links: readonly string[];
}

const stateSchema = z.object({
  /** Every address that is named below, each once. */
  addresses: z.array(z.string()),
  /** Address, validator, hash, and the addresses of links; addresses by their number. */
  pages: z.array(z.tuple([z.int(), z.string(), z.string()], z.int())),
});

const hashLength = 12;
// More pages have no room in any case, and more links would take the event loop's time.
const pagesMax = 5_000;
const linksMax = 200_000;
const stateBytesMax = 32 * 1024 * 1024;

export function shortHash(hash: string): string {
  return hash.slice(0, hashLength);
}

/** Writes pages into a cursor: as many of the first ones as have room. The others are read whole in the next job. */
export function cursorOf(pages: ReadonlyMap<string, KnownPage>): string {
  const first = firstOf(pages);
  for (let count = first.length; ; count = Math.floor(count * 0.8)) {
    const cursor = packed(first.slice(0, count));
    if (cursor.length <= limits.sourceCursorBytesMax) return cursor;
  }
}

function firstOf(pages: ReadonlyMap<string, KnownPage>): (readonly [string, KnownPage])[] {
  let links = 0;
  const taken: [string, KnownPage][] = [];
  for (const [address, page] of pages) {
    links += page.links.length;
    if (taken.length === pagesMax || links > linksMax) break;
    taken.push([address, page]);
  }
  return taken;
}

function packed(pages: readonly (readonly [string, KnownPage])[]): string {
  const numbers = new Map<string, number>();
  const numberOf = (address: string) => {
    const number = numbers.get(address) ?? numbers.size;
    numbers.set(address, number);
    return number;
  };
  const listed = pages.map(([address, { validator, hash, links }]) => [
    numberOf(address),
    validator,
    hash,
    ...links.map(numberOf),
  ]);
  return deflateRawSync(JSON.stringify({ addresses: [...numbers.keys()], pages: listed })).toString("base64");
}

export function knownPagesIn(cursor: string | null): Map<string, KnownPage> {
  if (cursor === null) return new Map();
  const text = inflateRawSync(Buffer.from(cursor, "base64"), { maxOutputLength: stateBytesMax }).toString();
  const { addresses, pages } = stateSchema.parse(JSON.parse(text));
  const at = (number: number) => addresses[number] ?? "";
  return new Map(
    pages.map(([number, validator, hash, ...links]) => [at(number), { validator, hash, links: links.map(at) }]),
  );
}
