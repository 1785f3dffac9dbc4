import { limits } from "../../../domain/limits.ts";
import { entityHash } from "../../entity-record.ts";
import { type SourceContext, type SourceEntity, SourceError, type SourceItem } from "../../source.ts";
import { cursorOf, type KnownPage, knownPagesIn, shortHash } from "./known-pages.ts";
import { pageAddress, type SiteBounds } from "./page-address.ts";
import { conditionFor, isPage, type PageOutcome, type ReadPage, readPage } from "./read-page.ts";
import type { Site } from "./site.ts";

export interface CrawlPlan {
  /** The start page, at depth 0. */
  readonly addresses: readonly string[];
  readonly bounds: SiteBounds;
  /** The maximum number of links between the start page and a page; 0 follows none. */
  readonly depthMax: number;
  readonly pagesMax: number;
  /** Whether there is a single start page, without which there is nothing to read. */
  readonly needsFirst: boolean;
}

type Unchanged = Extract<PageOutcome, { kind: "unchanged" }>;

type Memory = Pick<SourceContext<unknown, unknown>, "cursor" | "storedHash">;

/** Crawls a site page by page, breadth first. */
export class Crawl {
  readonly #site: Site;
  readonly #plan: CrawlPlan;
  readonly #memory: Memory;
  #known: ReadonlyMap<string, KnownPage> = new Map();
  /** The unchanged pages, for the next job. */
  readonly #nowKnown = new Map<string, KnownPage>();
  readonly #line: { readonly address: string; readonly depth: number }[] = [];
  /** Every address that is or was in the queue. */
  readonly #seen = new Set<string>();
  #failuresInRow = 0;

  constructor(site: Site, plan: CrawlPlan, memory: Memory) {
    this.#site = site;
    this.#plan = plan;
    this.#memory = memory;
  }

  async *items(): AsyncGenerator<SourceItem> {
    const { addresses, pagesMax, needsFirst } = this.#plan;
    this.#known = await knownPagesIn(this.#memory.cursor);
    for (const address of addresses) this.#lineUp(address, 0);
    for (let position = 0; position < this.#line.length; position++) {
      const next = this.#line[position];
      if (next === undefined) break;
      if (position === pagesMax) {
        yield leftOut(addresses[0] ?? "", pagesMax);
        break;
      }
      const outcome = await this.#read(next.address);
      if (needsFirst && position === 0) checkFirst(next.address, outcome);
      yield* await this.#take(next, outcome);
    }
    yield { kind: "cursor", value: await cursorOf(this.#nowKnown) };
  }

  async #read(address: string): Promise<PageOutcome> {
    const requested = new Set<string>();
    const visit = await this.#site.visit(address, {
      bytesMax: limits.webPageBytesMax,
      readsBody: isPage,
      condition: async (at) => {
        const page = this.#known.get(at);
        // The stored entity must belong to the validator: a job may have died after it stored another version.
        if (page === undefined || shortHash((await this.#memory.storedHash(at)) ?? "") !== page.hash) return {};
        requested.add(at);
        return conditionFor(page.validator);
      },
      claim: (at) => this.#claim(at),
    });
    const outcome = await readPage(this.#site, visit);
    if (outcome.kind !== "unchanged" || requested.has(outcome.address)) return outcome;
    const reason = "The site returned 304 to a request that was not conditional.";
    return { kind: "failed", address: outcome.address, reason, keeps: "itself", isPassing: true };
  }

  async #take({ address, depth }: { address: string; depth: number }, outcome: PageOutcome): Promise<SourceItem[]> {
    if (outcome.kind === "failed" && outcome.isPassing) this.#countFailure(outcome.reason);
    else this.#failuresInRow = 0;
    switch (outcome.kind) {
      case "page":
        return this.#takePage(outcome, depth);
      case "unchanged":
        return await this.#takeUnchanged(outcome, depth);
      case "gone":
        return [...new Set([address, outcome.address])].map((id) => ({ kind: "gone", id }));
      case "failed": {
        // Pages that only this page links to are not found in this job, but were not deleted.
        const hidesOthers = outcome.isPassing && depth < this.#plan.depthMax;
        return [
          {
            kind: "problem",
            id: outcome.address,
            reason: outcome.reason,
            keeps: hidesOthers ? "everything" : outcome.keeps,
          },
        ];
      }
      case "forbidden":
        // The addresses in a sitemap are the site's own choice; links may lead anywhere.
        if (this.#plan.needsFirst) return [];
        return [{ kind: "problem", id: outcome.address, reason: outcome.reason, keeps: "nothing" }];
      case "other":
        return [];
    }
  }

  #takePage(page: ReadPage, depth: number): SourceItem[] {
    const { noindex, nofollow } = page.robots;
    const isFollowed = this.#plan.depthMax > 0 && !nofollow;
    const links = isFollowed ? page.links.flatMap((link) => this.#fit(link) ?? []) : [];
    const canonical = page.canonical === null ? null : this.#fit(page.canonical);
    if (canonical !== null && canonical !== page.address) {
      // A copy. The original has the same depth.
      this.#lineUp(canonical, depth);
      this.#follow(links, depth);
      return [];
    }
    this.#follow(links, depth);
    if (noindex) return this.#leaveOut(page.address);
    const { address: id, title: name, text } = page;
    const entity: SourceEntity = { kind: "entity", id, type: "page", name, text, url: id };
    // A header can change without the page. Then its links must be read again.
    if (page.validator !== null && !nofollow) {
      this.#nowKnown.set(id, {
        validator: page.validator,
        hash: shortHash(entityHash(entity)),
        links: [...new Set(links)],
      });
    }
    return [entity];
  }

  async #takeUnchanged({ address: id, robots }: Unchanged, depth: number): Promise<SourceItem[]> {
    const page = this.#known.get(id);
    const hash = await this.#memory.storedHash(id);
    if (page === undefined || hash === null)
      throw new Error(`The page ${id} was requested conditionally, and is unknown.`);
    if (!robots.nofollow) this.#follow(page.links, depth);
    if (robots.noindex) return this.#leaveOut(id);
    this.#nowKnown.set(id, page);
    return [{ kind: "unchanged", id, hash }];
  }

  /** A page that asks not to be indexed. If the sitemap lists it, this is reported. */
  #leaveOut(id: string): SourceItem[] {
    if (this.#plan.needsFirst) return [{ kind: "gone", id }];
    const reason = "The page asks robots to leave it out (noindex).";
    return [{ kind: "problem", id, reason, keeps: "nothing" }];
  }

  #countFailure(reason: string): void {
    this.#failuresInRow += 1;
    if (this.#failuresInRow < limits.webFailuresInRowMax) return;
    throw new SourceError(`${this.#failuresInRow} pages in a row could not be read. The last one: ${reason}`);
  }

  #fit(link: string): string | null {
    return pageAddress(link, this.#plan.bounds);
  }

  #follow(links: readonly string[], depth: number): void {
    if (depth < this.#plan.depthMax) for (const link of links) this.#lineUp(link, depth + 1);
  }

  #lineUp(address: string, depth: number): void {
    if (this.#seen.size >= limits.webLinksMax || !this.#claim(address)) return;
    this.#line.push({ address, depth });
  }

  #claim(address: string): boolean {
    if (this.#seen.has(address)) return false;
    this.#seen.add(address);
    return true;
  }
}

function checkFirst(address: string, outcome: PageOutcome): void {
  if (outcome.kind === "page" || outcome.kind === "unchanged") {
    if (!outcome.robots.noindex || !outcome.robots.nofollow) return;
    throw new SourceError(`The start page ${address} asks robots neither to index it nor to follow its links.`);
  }
  const why = outcome.kind === "gone" ? "It does not exist." : outcome.reason;
  throw new SourceError(`The start page ${address} cannot be read. ${why}`);
}

/** A fragment makes an id that no page has. */
function leftOut(address: string, pagesMax: number): SourceItem {
  const reason = `There are more than ${pagesMax} pages; the others are left out. Raise \`max_pages\`, or narrow \`path_prefix\`.`;
  return { kind: "problem", id: `${address}#more`, reason, keeps: "itself" };
}
