import { posix } from "node:path";
import { slug } from "./slug.ts";

const fences = /^```[^\n]*\n[\s\S]*?^```$/gm;
const inlineCode = /`[^`\n]*`/g;

/** A link to a file of the repository, with the path of that file and the anchor in it; both can be empty. */
export interface RelativeLink {
  readonly path: string;
  readonly anchor: string;
}

/** The text of the first heading. */
export function titleOf(text: string): string {
  const title = /^# (.+)$/m.exec(text.replaceAll(fences, ""))?.[1];
  if (title === undefined) throw new Error(`A page lacks a heading of the first level: ${text.slice(0, 80)}`);
  return title.replaceAll("`", "");
}

/** The first paragraph as plain text, which describes the page in lists of pages. */
export function summaryOf(text: string): string {
  const paragraphs = text
    .replaceAll(fences, "")
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .split(/\n{2,}/);
  const first = paragraphs
    .map((paragraph) => paragraph.trim())
    .find((paragraph) => /^[\p{Letter}`*[]/u.test(paragraph));
  return (first ?? "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/\s+/g, " ");
}

/** The anchors of a page: one for each heading, and those that are named. A repeated heading gets a number. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const prose = text.replaceAll(fences, "");
  const anchors = new Set([...prose.matchAll(/<a id="([^"]+)">/g)].map(([, name = ""]) => name));
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const base = slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
    let anchor = base;
    for (let repeated = 1; anchors.has(anchor); repeated++) anchor = `${base}-${repeated}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The links of a page in the repository to files of the repository. */
export function relativeLinks(page: string, text: string): RelativeLink[] {
  const prose = text.replaceAll(fences, "").replaceAll(inlineCode, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, href = ""]) => {
    const link = resolveLink(page, href);
    return link === null ? [] : [link];
  });
}

/** The target of a link on a page; null when it leads out of the repository. */
export function resolveLink(page: string, href: string): RelativeLink | null {
  if (/^([a-z][a-z+.-]*:|\/)/i.test(href)) return null;
  const [path = "", anchor = ""] = href.split("#");
  const target = path === "" ? page : posix.join(posix.dirname(page), path);
  return { path: target.replace(/\/$/, ""), anchor };
}
