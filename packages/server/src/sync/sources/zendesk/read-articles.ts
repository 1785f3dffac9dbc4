import { limits } from "../../../domain/limits.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { type SourceContext, type SourceEntity, type SourceItem, TransientSourceError } from "../../source.ts";
import { PageCursors } from "../http/page-cursors.ts";
import { entityName, plainText, timeOf } from "../http/plain-text.ts";
import type { HtmlPage } from "../web/html-page.ts";
import { parseSite } from "../web/site-parser.ts";
import type { Section, ZendeskArticle } from "./parse-response.ts";
import type { ZendeskApi } from "./zendesk-api.ts";

export interface ArticleReading extends Pick<SourceContext<unknown, unknown>, "storedHash" | "owner"> {
  /** The sandbox in which the HTML of articles is converted. */
  readonly sandbox: Pick<Sandbox, "run">;
  /** Articles that changed before this time are stored, if they are stored at all (Unix ms). */
  readonly since: number;
  /** Whether all articles are listed, which finds those that were deleted. */
  readonly isFull: boolean;
}

/** Reads the articles of the help center. An account without one has none. */
export async function* readArticles(api: ZendeskApi, reading: ArticleReading): AsyncGenerator<SourceItem> {
  const sections = new SectionNames(api);
  const pages = reading.isFull ? allArticles(api) : changedArticles(api, reading.since);
  for await (const articles of pages) {
    for (const article of articles) {
      const id = `article/${article.id}`;
      const isUnchanged = (timeOf(article.updatedTime) ?? Number.POSITIVE_INFINITY) < reading.since;
      const hash = isUnchanged && !article.isDraft ? await reading.storedHash(id) : null;
      if (article.isDraft) yield { kind: "gone", id };
      else if (hash !== null) yield { kind: "unchanged", id, hash };
      else yield await articleItem(article, sections, reading);
    }
  }
}

async function* allArticles(api: ZendeskApi): AsyncGenerator<readonly ZendeskArticle[]> {
  const cursors = new PageCursors(api.providerName);
  let after: Record<string, string> = {};
  for (;;) {
    const query = new URLSearchParams({ "page[size]": "100", ...after });
    const page = await api.request({
      shape: "articles",
      address: `${helpCenter}/articles.json?${query}`,
      absent: [404],
    });
    yield page?.articles ?? [];
    if (page === null || page.next === null) return;
    after = { "page[after]": cursors.next(page.next) };
  }
}

/** Each page of the export begins with the second in which the previous one ended. */
async function* changedArticles(api: ZendeskApi, since: number): AsyncGenerator<readonly ZendeskArticle[]> {
  const cursors = new PageCursors(api.providerName);
  let start = Math.floor(since / 1_000);
  for (;;) {
    const query = new URLSearchParams({ start_time: String(start) });
    const address = `${helpCenter}/incremental/articles.json?${query}`;
    const page = await api.request({ shape: "articles", address, absent: [404] });
    yield page?.articles ?? [];
    if (page === null || page.articles.length === 0 || page.endTime === null || page.endTime <= start) return;
    start = page.endTime;
    cursors.next(String(start));
  }
}

const helpCenter = "/api/v2/help_center";

async function articleItem(
  article: ZendeskArticle,
  sections: SectionNames,
  { sandbox, owner }: ArticleReading,
): Promise<SourceItem> {
  const id = `article/${article.id}`;
  const url = URL.canParse(article.url) ? article.url : null;
  const request = { kind: "page", html: article.html, address: url ?? "https://zendesk.com/" } as const;
  const outcome = await sandbox.run(parseSite, request, {
    owner,
    timeMs: limits.webPageThoughtMs,
    bytes: article.html.length,
  });
  if (outcome.kind === "unavailable") {
    throw new TransientSourceError("This Weft is reading too many sources now. Run the sync again later.");
  }
  if (outcome.kind !== "done") {
    return {
      kind: "problem",
      id,
      reason: "The HTML of the article takes too much time or memory to read.",
      keeps: "nothing",
    };
  }
  const { markdown } = outcome.value as HtmlPage;
  const labels = article.labels.length === 0 ? "" : `Labels: ${article.labels.join(", ")}`;
  const title = article.title || `Article ${article.id}`;
  const [createdAt, updatedAt] = [timeOf(article.createdTime), timeOf(article.updatedTime)];
  return {
    ...{ kind: "entity", id, type: "article", name: entityName(title, `Article ${article.id}`) },
    text: plainText([`# ${title}`, labels, markdown].filter(Boolean).join("\n\n")),
    ...(url !== null && { url }),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    breadcrumbs: await sections.breadcrumbsOf(article),
  };
}

/** The sections and categories of the help center, which are listed once in a job if an article is read. */
class SectionNames {
  readonly #api: ZendeskApi;
  #sections: Promise<Map<number, Section>> | null = null;
  #categories: Promise<Map<number, Section>> | null = null;

  constructor(api: ZendeskApi) {
    this.#api = api;
  }

  async breadcrumbsOf({ sectionId }: ZendeskArticle): Promise<NonNullable<SourceEntity["breadcrumbs"]>> {
    this.#sections ??= this.#all("sections");
    this.#categories ??= this.#all("categories");
    const section = (await this.#sections).get(sectionId ?? -1);
    const category = (await this.#categories).get(section?.categoryId ?? -1);
    return [
      ...(category === undefined ? [] : [{ id: `category/${category.id}`, type: "category", name: category.name }]),
      ...(section === undefined ? [] : [{ id: `section/${section.id}`, type: "section", name: section.name }]),
    ];
  }

  async #all(shape: "sections" | "categories"): Promise<Map<number, Section>> {
    const cursors = new PageCursors(this.#api.providerName);
    const all = new Map<number, Section>();
    let after: Record<string, string> = {};
    for (;;) {
      const query = new URLSearchParams({ "page[size]": "100", ...after });
      const page = await this.#api.request({ shape, address: `${helpCenter}/${shape}.json?${query}`, absent: [404] });
      for (const one of page?.all ?? []) all.set(one.id, one);
      if (page === null || page.next === null || all.size >= limits.zendeskSectionsMax) return all;
      after = { "page[after]": cursors.next(page.next) };
    }
  }
}
