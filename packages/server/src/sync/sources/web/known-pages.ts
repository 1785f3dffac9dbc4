import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";

/** The stored state of a page, with which the host can respond that it is unchanged. */
export interface KnownPage {
  /** An ETag, or else the time of the last change, as the host sent it. */
  readonly validator: string;
  /** The first characters of the stored entity's hash. */
  readonly hash: string;
  /** Its links within the site, because the response for an unchanged page does not contain them. */
  readonly links: readonly string[];
}

const stateSchema = z.object({
  /** Every address that is referenced below, each once. */
  addresses: z.array(z.string()),
  /** Address, validator, hash, and the addresses of links; addresses are given by index. */
  pages: z.array(z.tuple([z.int(), z.string(), z.string()], z.int())),
});

const hashLength = 12;
// More pages never fit, and more links would take the event loop's time.
const pagesMax = 5_000;
const linksMax = 100_000;
/** The size before compression: very many addresses can compress to few bytes. */
const stateBytesMax = 4 * 1024 * 1024;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

export function shortHash(hash: string): string {
  return hash.slice(0, hashLength);
}

/** Writes pages into a cursor, as many of the first ones as fit. The next job reads the others completely. */
export async function cursorOf(pages: ReadonlyMap<string, KnownPage>): Promise<string> {
  const first = firstOf(pages);
  for (let count = first.length; ; ) {
    const state = stateOf(first.slice(0, count));
    const stateExcess = state.length / stateBytesMax;
    const cursor = stateExcess > 1 ? "" : (await deflate(state)).toString("base64");
    const excess = Math.max(stateExcess, cursor.length / limits.sourceCursorBytesMax);
    if (excess <= 1) return cursor;
    // The estimate assumes that all pages are of similar size.
    count = Math.floor(Math.min(count * 0.9, (count / excess) * 0.95));
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

function stateOf(pages: readonly (readonly [string, KnownPage])[]): Buffer {
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
  return Buffer.from(JSON.stringify({ addresses: [...numbers.keys()], pages: listed }));
}

/** Empty for an unreadable cursor: then every page is read completely. */
export async function knownPagesIn(cursor: string | null): Promise<Map<string, KnownPage>> {
  if (cursor === null) return new Map();
  const state = await inflate(Buffer.from(cursor, "base64"), { maxOutputLength: stateBytesMax }).catch(() => null);
  if (state === null) return new Map();
  const { addresses, pages } = stateSchema.parse(JSON.parse(state.toString()));
  const at = (number: number) => addresses[number] ?? "";
  return new Map(
    pages.map(([number, validator, hash, ...links]) => [at(number), { validator, hash, links: links.map(at) }]),
  );
}
