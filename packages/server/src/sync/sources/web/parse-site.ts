// The sandbox task that parses a site's responses.

import robotsParser from "robots-parser";
import { limits } from "../../../domain/limits.ts";
import { type HtmlPage, readHtml } from "./html-page.ts";
import { readSitemap, type Sitemap } from "./sitemap.ts";

export interface SiteRobots {
  /** The URL of the rules. */
  readonly address: string;
  readonly text: string;
}

interface Rules {
  readonly robots: SiteRobots;
  readonly userAgent: string;
}

export type SiteRequest =
  | ({ readonly kind: "allows"; readonly address: string } & Rules)
  | ({ readonly kind: "crawlDelay" } & Rules)
  | { readonly kind: "page"; readonly address: string; readonly html: string }
  | { readonly kind: "sitemap"; readonly text: string };

export type SiteResponse = boolean | number | null | HtmlPage | Sitemap;

export function run(request: SiteRequest): SiteResponse {
  switch (request.kind) {
    case "allows":
      return rulesIn(request.robots).isAllowed(request.address, request.userAgent) ?? true;
    case "crawlDelay":
      return rulesIn(request.robots).getCrawlDelay(request.userAgent) ?? null;
    case "page":
      return boundedPage(readHtml(request.html, request.address));
    case "sitemap":
      return readSitemap(request.text);
  }
}

// The library is one function, and its types call it `default`.
const parseRobots = robotsParser as unknown as typeof robotsParser.default;
const known = new Map<string, ReturnType<typeof parseRobots>>();
const knownMax = 4;

/** One job checks many addresses of a site, so that the last parsed rules are cached. */
function rulesIn({ address, text }: SiteRobots): ReturnType<typeof parseRobots> {
  const key = `${address}\n${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const rules = parseRobots(address, text);
  if (known.size >= knownMax) known.clear();
  known.set(key, rules);
  return rules;
}

/** Only the beginning of a text that is too large to store is passed on, which is enough to detect that. */
function boundedPage(page: HtmlPage): HtmlPage {
  const markdown = page.markdown.slice(0, limits.entityTextBytesMax + 1);
  return { ...page, markdown, title: page.title.slice(0, limits.nameLengthMax) };
}
