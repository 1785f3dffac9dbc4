import { limits } from "../../../domain/limits.ts";

/** Decides which addresses belong to the site. */
export interface SiteBounds {
  /** `https://example.com`: scheme, host and port of every page. */
  readonly origin: string;
  /** The prefix of the paths of pages. */
  readonly pathPrefix: string;
}

/** File extensions that are never pages, so that they are not requested. */
const otherFiles =
  /\.(?:png|jpe?g|gif|webp|avif|svg|ico|bmp|tiff?|mp[34]|webm|ogg|wav|mov|avi|woff2?|ttf|otf|eot|css|m?js|map|json|xml|rss|atom|pdf|docx?|xlsx?|pptx?|epub|zip|gz|tgz|bz2|xz|7z|rar|tar|exe|dmg|iso|jar|wasm|deb|rpm|apk)$/i;

/**
 * The normalised address of a page of the site, which is its id: without a fragment or a user. Null for an invalid address,
 * another site, or an address that cannot be an id.
 */
export function pageAddress(href: string, { origin, pathPrefix }: SiteBounds): string | null {
  const address = siteAddress(href, origin);
  if (address === null) return null;
  const { pathname } = new URL(address);
  return pathname.startsWith(pathPrefix) && !otherFiles.test(pathname) ? address : null;
}

/** Normalises like `pageAddress`, for any address of the same origin. */
export function siteAddress(href: string, origin: string): string | null {
  const url = URL.parse(href);
  if (url === null || url.origin !== origin) return null;
  url.hash = "";
  url.username = "";
  url.password = "";
  return url.href.length <= limits.entityIdLengthMax ? url.href : null;
}
