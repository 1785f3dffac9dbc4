import { summaryOf } from "./markdown.ts";
import { home, type Section } from "./navigation.ts";
import { type Page, pageAt } from "./pages.ts";

/** The list of pages for language models (llmstxt.org): a link to the Markdown of each page, with its first paragraph. */
export function llmsList(pages: readonly Page[], sections: readonly Section[]): string {
  const start = pageAt(pages, home);
  const parts = sections.map(({ title, pages: named, internals = [] }) => {
    const lines = [...named, ...internals].map((source) => {
      const page = pageAt(pages, source);
      return `- [${page.title}](${page.path}): ${summaryOf(page.text)}`;
    });
    return `## ${title}\n\n${lines.join("\n")}`;
  });
  return `# ${start.title}\n\n> ${summaryOf(start.text)}\n\n${parts.join("\n\n")}\n`;
}

/** Every page of the menus in one text, without those for readers of the code. */
export function llmsFull(pages: readonly Page[], sections: readonly Section[], textOf: (page: Page) => string): string {
  const named = [home, ...sections.flatMap(({ pages }) => pages)];
  return `${named
    .map((source) => pageAt(pages, source))
    .map((page) => `<!-- ${page.path} -->\n\n${textOf(page).trim()}`)
    .join("\n\n")}\n`;
}
