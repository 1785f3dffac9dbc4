import TurndownService from "turndown";
import { limits } from "../../../domain/limits.ts";
import { robotName } from "./robots-directives.ts";

/** The parts of an HTML page that are used. Addresses are absolute, wherever they lead. */
export interface HtmlPage {
  /** Empty when the page has none. */
  readonly title: string;
  readonly markdown: string;
  /** The targets of its links, in order, each once. */
  readonly links: readonly string[];
  /** The page's canonical address. */
  readonly canonical: string | null;
  /** The robots directives in its head, as text. */
  readonly robots: readonly string[];
}

const robotsLengthMax = 1_000;

/** Parses a page like a browser, valid or not. No script runs. */
export function readHtml(html: string, address: string): HtmlPage {
  const links = new Set<string>();
  let base: string | null = null;
  let title: string | null = null;
  let canonical: string | null = null;
  const robots: string[] = [];
  const absolute = (href: string | null) => (href === null ? null : (URL.parse(href, base ?? address)?.href ?? null));
  const follow = (href: string | null) => {
    const to = absolute(href);
    if (to !== null && to.length <= limits.urlLengthMax && links.size < limits.webLinksPerPageMax) links.add(to);
    return to;
  };
  const service = new TurndownService({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-" });
  service.remove(["script", "style", "noscript", "template", "iframe", "object", "svg", "nav", "button", "select"]);
  service.addRule("title", {
    filter: "title",
    replacement: (_, node) => {
      title ??= node.textContent.replaceAll(/\s+/g, " ").trim();
      return "";
    },
  });
  service.addRule("base", {
    filter: "base",
    replacement: (_, node) => {
      base ??= absolute(node.getAttribute("href"));
      return "";
    },
  });
  service.addRule("robots", {
    filter: "meta",
    replacement: (_, node) => {
      const name = (node.getAttribute("name") ?? "").trim().toLowerCase();
      const isForUs = name === "robots" || name === robotName;
      if (isForUs && robots.length < limits.webRobotsTagsMax) {
        robots.push((node.getAttribute("content") ?? "").slice(0, robotsLengthMax));
      }
      return "";
    },
  });
  service.addRule("canonical", {
    filter: "link",
    replacement: (_, node) => {
      if (/^\s*canonical\s*$/i.test(node.getAttribute("rel") ?? "")) canonical ??= absolute(node.getAttribute("href"));
      if (canonical !== null && canonical.length > limits.urlLengthMax) canonical = null;
      return "";
    },
  });
  service.addRule("link", {
    filter: ["a", "area"],
    replacement: (content, node) => {
      const to = follow(node.getAttribute("href"));
      const text = content.replaceAll(/\s+/g, " ").trim();
      const isShown = text !== "" && to !== null && /^(https?|mailto):/.test(to);
      return isShown ? `[${text}](${to.replaceAll("(", "%28").replaceAll(")", "%29")})` : content;
    },
  });
  service.addRule("image", { filter: "img", replacement: (_, node) => node.getAttribute("alt") ?? "" });
  service.addRule("cell", {
    filter: ["td", "th"],
    replacement: (content) => `| ${content.replaceAll(/\s+/g, " ").trim()} `,
  });
  service.addRule("row", { filter: "tr", replacement: (content) => `\n${content.trim()} |` });
  service.addRule("table", { filter: "table", replacement: (content) => `\n\n${content.trim()}\n\n` });
  // The store does not accept NUL, and HTML does not contain it.
  const markdown = service.turndown(html.replaceAll("\0", "\uFFFD"));
  return { title: title ?? "", markdown, links: [...links], canonical, robots };
}
