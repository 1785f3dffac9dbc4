import { limits } from "../../../domain/limits.ts";
import { httpDate } from "../../../domain/retry-after.ts";
import type { ResponseHead } from "../../../outbound/http-reader.ts";
import { decodeText } from "./decode-text.ts";
import { type RobotsDirectives, robotsDirectives } from "./robots-directives.ts";
import { compressed, encodingOf, type Site, type Visit } from "./site.ts";

export interface ReadPage {
  readonly kind: "page";
  readonly address: string;
  readonly title: string;
  readonly text: string;
  readonly links: readonly string[];
  /** The page's canonical address. */
  readonly canonical: string | null;
  /** The validator for the next request. */
  readonly validator: string | null;
  readonly robots: RobotsDirectives;
}

export type PageOutcome =
  | ReadPage
  | { readonly kind: "unchanged"; readonly address: string; readonly robots: RobotsDirectives }
  /** The page no longer exists. */
  | { readonly kind: "gone"; readonly address: string }
  /** It is not a page, or not one to read here. It is skipped and does not count as a failure. */
  | { readonly kind: "other"; readonly reason: string }
  | { readonly kind: "forbidden"; readonly address: string; readonly reason: string }
  | {
      readonly kind: "failed";
      readonly address: string;
      readonly reason: string;
      readonly keeps: "itself" | "nothing";
      readonly isPassing: boolean;
    };

const htmlTypes = ["text/html", "application/xhtml+xml"];
const plainTypes = ["text/plain", "text/markdown", "text/x-markdown"];

/** Whether the body is a page, decided by the response's head. */
export function isPage(head: ResponseHead): boolean {
  const type = mediaType(head);
  return head.status === 200 && (htmlTypes.includes(type) || plainTypes.includes(type)) && encodingOf(head) === null;
}

/** The result of a visit for the page. */
export async function readPage(site: Site, visit: Visit): Promise<PageOutcome> {
  switch (visit.kind) {
    case "known":
      return { kind: "other", reason: "It redirects to a page that is read separately." };
    case "forbidden":
      return { kind: "forbidden", address: visit.address, reason: "The site's robots.txt forbids reading it." };
    case "refused":
      return { ...visit, kind: "failed", keeps: visit.isPassing ? "itself" : "nothing" };
    case "answered":
      return await readResponse(site, visit);
  }
}

async function readResponse(
  site: Site,
  { address, response }: Extract<Visit, { kind: "answered" }>,
): Promise<PageOutcome> {
  const { status } = response;
  const failed = (reason: string, keeps: "itself" | "nothing" = "nothing") =>
    ({ kind: "failed", address, reason, keeps, isPassing: false }) as const;
  if (status === 304) return { kind: "unchanged", address, robots: directivesOf(response) };
  if (status === 404 || status === 410) return { kind: "gone", address };
  if (status === 429 || status >= 500) return { ...failed(`The site returned ${status}.`, "itself"), isPassing: true };
  if (status !== 200) return failed(`The site returned ${status}.`, "itself");
  const type = mediaType(response);
  const isHtml = htmlTypes.includes(type);
  if (!isHtml && !plainTypes.includes(type))
    return { kind: "other", reason: `It is not a page, but ${type || "of no type"}.` };
  const encoding = encodingOf(response);
  if (encoding !== null) return failed(compressed(encoding));
  if (response.cut !== null) return failed(`The page is larger than ${limits.webPageBytesMax} bytes.`);
  const decoded = decodeText(response.body, { contentType: response.headers["content-type"] ?? "", isHtml });
  if (!decoded.ok) return failed(decoded.reason);
  const read = { address, head: response, now: site.now() };
  if (!isHtml) {
    if (decoded.text.includes("\0")) return failed("The page is binary.");
    const bare = { links: [], canonical: null, robots: directivesOf(response) };
    return pageOf(read, { text: decoded.text, title: headingOf(decoded.text), ...bare });
  }
  const parsed = await site.parser.page(decoded.text, address);
  if (!parsed.ok) return failed(`The page's HTML: ${parsed.reason}`);
  const { markdown, robots, ...page } = parsed.value;
  return pageOf(read, { ...page, text: markdown, robots: directivesOf(response, robots) });
}

function directivesOf({ headers }: ResponseHead, inPage: readonly string[] = []): RobotsDirectives {
  return robotsDirectives([headers["x-robots-tag"] ?? "", ...inPage]);
}

function pageOf(
  { address, head, now }: { address: string; head: ResponseHead; now: number },
  page: Pick<ReadPage, "title" | "text" | "links" | "canonical" | "robots">,
): PageOutcome {
  if (Buffer.byteLength(page.text) > limits.entityTextBytesMax) {
    const reason = `The page's text has more than ${limits.entityTextBytesMax} bytes.`;
    return { kind: "failed", address, reason, keeps: "nothing", isPassing: false };
  }
  const { pathname } = new URL(address);
  const title = (page.title === "" ? pathname : page.title).slice(0, limits.nameLengthMax).toWellFormed();
  return { kind: "page", address, ...page, title, validator: validatorOf(head, now) };
}

/** The first heading of a Markdown text, if it begins with one. */
function headingOf(text: string): string {
  return /^#[ \t]+([^\n]{1,250})/.exec(text.slice(0, 1_000).trimStart())?.[1]?.trim() ?? "";
}

function mediaType({ headers }: ResponseHead): string {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

const validatorLengthMax = 200;
const secondMs = 1_000;

/** A time of change within the second of the response is unreliable, because the page may change again in it. */
function validatorOf({ headers }: ResponseHead, now: number): string | null {
  const { etag, date } = headers;
  const changed = headers["last-modified"];
  if (etag !== undefined) return /^(W\/)?"[^"]*"$/.test(etag) && etag.length <= validatorLengthMax ? etag : null;
  if (changed === undefined || changed.length > validatorLengthMax) return null;
  const [answeredAt, changedAt] = [httpDate(date ?? "", now), httpDate(changed, now)];
  return answeredAt !== null && changedAt !== null && answeredAt - changedAt >= secondMs ? changed : null;
}

/** Requests a page only if it has changed. */
export function conditionFor(validator: string): Record<string, string> {
  return /^(W\/)?"/.test(validator) ? { "if-none-match": validator } : { "if-modified-since": validator };
}
