import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source, SourceError, type SourceItem } from "../../source.ts";
import { Crawl } from "./crawl.ts";
import { pageAddress, type SiteBounds, siteAddress } from "./page-address.ts";
import { Site, type SiteParts } from "./site.ts";

export interface WebSourceParts extends SiteParts {
  readonly allowHttp: boolean;
}

const address = z.string().min(1).max(limits.entityIdLengthMax);

const config = z
  .strictObject({
    start_url: address
      .optional()
      .describe("The page to begin at; its links are followed. Either this or `sitemap_url`."),
    sitemap_url: address.optional().describe("A sitemap, or an index of sitemaps; links are not followed."),
    path_prefix: z
      .string()
      .max(limits.entityIdLengthMax)
      .startsWith("/", { error: "A path begins with a slash." })
      .default("/")
      .describe("Only pages whose path begins with this, such as /docs/. The start page is read in any case."),
    max_depth: z
      .int()
      .min(0)
      .max(limits.webDepthMax)
      .default(limits.webDepthDefault)
      .describe("How many links away from the start page a page may be."),
    max_pages: z
      .int()
      .min(1)
      .max(limits.webPagesMax)
      .default(limits.webPagesDefault)
      .describe("How many pages are asked for in one job."),
  })
  .refine(({ start_url, sitemap_url }) => (start_url === undefined) !== (sitemap_url === undefined), {
    error: "Give either `start_url` or `sitemap_url`.",
    path: ["start_url"],
  });

type Config = z.output<typeof config>;

/** Reads the pages of one site as Markdown, by its links or by its sitemap. */
export function webSource(parts: WebSourceParts): Source {
  return defineSource({
    shortName: "web",
    name: "Website",
    className: "WebSource",
    description: "The pages of a website, by its links or by its sitemap.",
    authMethods: ["direct"],
    labels: ["Web"],
    isTest: false,
    detects: { changes: "by conditional requests", deletions: "in every job" },
    entityTypes: ["page"],
    config,
    credentials: z.strictObject({}),
    check: async (settings) => {
      firstAddress(settings, parts);
    },
    entities: async function* ({ config, signal, owner, ...memory }) {
      const first = firstAddress(config, parts);
      const bounds = { origin: new URL(first).origin, pathPrefix: config.path_prefix };
      const site = await Site.open(bounds.origin, parts, { owner, signal });
      const plan = { bounds, pagesMax: config.max_pages };
      if (config.sitemap_url === undefined) {
        const start = { ...plan, addresses: [first], depthMax: config.max_depth, needsFirst: true };
        yield* new Crawl(site, start, memory).items();
      } else {
        const { addresses, problems } = await pagesOf(site, first, bounds);
        yield* problems;
        yield* new Crawl(site, { ...plan, addresses, depthMax: 0, needsFirst: false }, memory).items();
      }
    },
  });
}

/** The form of a page's id. Throws a SourceError when it is not the address of an allowed site. */
function firstAddress({ start_url, sitemap_url }: Config, { allowHttp }: WebSourceParts): string {
  const given = start_url ?? sitemap_url ?? "";
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new SourceError("Expected the address of a page or a sitemap, such as https://example.com/docs/.");
  }
  if (url.protocol === "http:" && !allowHttp) {
    throw new SourceError(
      "The address must begin with https://, because over http the pages can be changed on the way.",
    );
  }
  if (url.username !== "" || url.password !== "") throw new SourceError("The address holds no user and no password.");
  const address = siteAddress(url.href, url.origin);
  if (address === null) throw new SourceError(`An address has at most ${limits.entityIdLengthMax} characters.`);
  return address;
}

/** All pages in a sitemap, or in all sitemaps of its index. Throws a SourceError when the sitemap itself cannot be read. */
async function pagesOf(
  site: Site,
  first: string,
  bounds: SiteBounds,
): Promise<{ addresses: readonly string[]; problems: readonly SourceItem[] }> {
  const addresses = new Set<string>();
  const problems: SourceItem[] = [];
  const sitemaps = new Set([first]);
  // The iteration of a set includes elements that are added on the way.
  for (const at of sitemaps) {
    const read = await site.sitemap(at);
    if ("reason" in read) {
      if (at === first) throw new SourceError(`The sitemap ${at} cannot be read. ${read.reason}`);
      problems.push({ kind: "problem", id: at, reason: `The sitemap: ${read.reason}`, keeps: "everything" });
      continue;
    }
    for (const named of read.sitemap.addresses) {
      if (!read.sitemap.isIndex) addAddress(addresses, pageAddress(named, bounds), limits.webLinksMax);
      else addAddress(sitemaps, siteAddress(named, bounds.origin), limits.webSitemapsMax);
    }
  }
  return { addresses: [...addresses], problems };
}

function addAddress(addresses: Set<string>, address: string | null, max: number): void {
  if (address !== null && addresses.size < max) addresses.add(address);
}
