import { limits } from "../../../domain/limits.ts";

export interface Sitemap {
  /** Whether its addresses are those of further sitemaps. */
  readonly isIndex: boolean;
  readonly addresses: readonly string[];
}

/** Parses a sitemap: XML, an index of others, or a text with one address per line. Null when it is none of these. */
export function readSitemap(text: string): Sitemap | null {
  const root = /<(?:[\w-]+:)?(sitemapindex|urlset)[\s>/]/i.exec(text.slice(0, rootWithin))?.[1];
  const found = root === undefined ? lines(text) : locations(text);
  if (found === null) return null;
  return {
    isIndex: root?.toLowerCase() === "sitemapindex",
    addresses: [...new Set(found)].slice(0, limits.webLinksMax),
  };
}

const rootWithin = 4_096;

/** Addresses of images and videos have a prefix and are ignored. */
function locations(text: string): string[] {
  const found = text.matchAll(/<loc(?:\s[^<>]{0,200})?>(?:\s*<!\[CDATA\[([^\]<]*)\]\]>\s*|([^<]*))<\/loc>/gi);
  return Array.from(found, ([, quoted, plain]) => quoted?.trim() ?? unescaped(plain ?? "").trim());
}

function lines(text: string): string[] | null {
  const found = text.split(/\r?\n/).flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  return found.every((line) => /^https?:\/\//i.test(line)) ? found : null;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
