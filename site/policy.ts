// The policy of the pages (http/documents.ts) allows neither scripts nor styles within HTML. VitePress writes a few; here they become
// files and classes.

import { createHash } from "node:crypto";

/** A file of the site that replaces text within its pages. Its name changes with its content. */
export interface ExtractedFile {
  readonly name: string;
  readonly content: string;
}

export function extractedFile(name: string, extension: "css" | "js", content: string): ExtractedFile {
  const hash = createHash("sha256").update(content).digest("base64url").slice(0, 8);
  return { name: `assets/${name}.${hash}.${extension}`, content };
}

const inlineScript = /[ \t]*<script id="check-[\w-]+">([\s\S]*?)<\/script>\n?/g;

/** A page whose scripts are in a file. VitePress sets the theme there, before the page appears. */
export function withoutInlineScripts(html: string, base: string): { html: string; script: ExtractedFile } {
  const scripts = [...html.matchAll(inlineScript)].map(([, script = ""]) => script);
  if (scripts.length === 0) throw new Error("VitePress wrote no inline script. Remove this step.");
  const script = extractedFile("theme", "js", `${scripts.join("\n")}\n`);
  const tag = `<script src="${base}${script.name}"></script>`;
  return { html: html.replaceAll(inlineScript, "").replace("</head>", `  ${tag}\n  </head>`), script };
}

/** A page without styles at its elements. The theme sets them again, from its script, or in `style.css`. */
export function withoutInlineStyles(html: string): string {
  return html.replaceAll(/ style="(?:position:relative|--vp-vh:0px);"/g, "");
}

/** A token of markdown-it, as much of it as is used here. */
interface Token {
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
  attrJoin(name: string, value: string): void;
  attrs: [string, string][] | null;
  readonly type: string;
  readonly content: string;
  readonly children: readonly Token[] | null;
}

export interface MarkdownIt {
  readonly core: { readonly ruler: { push(name: string, rule: (state: { tokens: readonly Token[] }) => void): void } };
}

/** Aligns the cells of a table by classes, and lets Vue leave code as it is. */
export function adaptTokens(markdown: MarkdownIt): void {
  markdown.core.ruler.push("policy", ({ tokens }) => {
    for (const token of tokens.flatMap((token) => [token, ...(token.children ?? [])])) {
      const align = /^text-align:(right|center)$/.exec(token.attrGet("style") ?? "")?.[1];
      if (token.type === "td_open" || token.type === "th_open") {
        token.attrs = token.attrs?.filter(([name]) => name !== "style") ?? null;
        if (align !== undefined) token.attrJoin("class", `align-${align}`);
      }
      // Only where it is needed: Vue writes an element with this attribute less compactly.
      if (token.type === "code_inline" && token.content.includes("{{")) token.attrSet("v-pre", "");
    }
  });
}
