import { limits } from "../../../domain/limits.ts";
import type { SourceContext, SourceItem } from "../../source.ts";
import { PageCursors } from "../http/page-cursors.ts";
import { entityName, plainText, timeOf } from "../http/plain-text.ts";
import type { ContainerNames } from "./container-names.ts";
import { absentObject, type NotionApi } from "./notion-api.ts";
import type { NotionObject, NotionShapes } from "./parse-response.ts";

export interface ObjectReading extends Pick<SourceContext<unknown, unknown>, "storedHash"> {
  readonly containers: ContainerNames;
  /** Objects that were edited before this time are stored, if they are stored at all (Unix ms). */
  readonly since: number;
  /** Whether all objects are listed, which finds those that were deleted. */
  readonly isFull: boolean;
}

/** Reads pages and data sources in the order of their last edit, the latest first. */
export async function* readObjects(api: NotionApi, reading: ObjectReading): AsyncGenerator<SourceItem> {
  for await (const page of searchPages(api, {})) {
    for (const object of page.objects) reading.containers.note(object);
    for (const object of page.objects) {
      const isEdited = editedAt(object) >= reading.since;
      if (!isEdited && !reading.isFull) return;
      if (object.isInTrash) continue;
      const hash = isEdited ? null : await reading.storedHash(object.id);
      if (hash !== null) yield { kind: "unchanged", id: object.id, hash };
      else yield await itemOf(api, object, reading.containers);
    }
    if (!page.isComplete && reading.isFull) {
      const reason =
        "Notion's search does not list everything that the token has access to, so no deletions are detected.";
      yield { kind: "problem", id: "search", reason, keeps: "everything" };
    }
  }
}

/**
 * Reports the objects that were moved to the trash since a time. Where Notion does not accept the filter, full reads find
 * them.
 */
export async function* readTrash(api: NotionApi, since: number): AsyncGenerator<SourceItem> {
  for await (const page of searchPages(api, { filter: { in_trash: true } }, ["validation_error"])) {
    for (const object of page.objects) {
      if (editedAt(object) < since) return;
      if (object.isInTrash) yield { kind: "gone", id: object.id };
    }
  }
}

type SearchPage = NotionShapes["search"];

/** It ends at once for the error codes in `absent`. */
async function* searchPages(
  api: NotionApi,
  filter: Readonly<Record<string, unknown>>,
  absent: readonly string[] = [],
): AsyncGenerator<SearchPage> {
  const cursors = new PageCursors(api.providerName);
  const sort = { timestamp: "last_edited_time", direction: "descending" };
  let from: Readonly<Record<string, unknown>> = {};
  for (;;) {
    const body = { ...filter, sort, page_size: 100, ...from };
    const page = await api.request({ shape: "search", address: "/v1/search", body, absent });
    if (page === null) return;
    yield page;
    if (page.next === null) return;
    from = { start_cursor: cursors.next(page.next) };
  }
}

/** An object without a readable time counts as edited. */
function editedAt({ editedTime }: NotionObject): number {
  return timeOf(editedTime) ?? Number.POSITIVE_INFINITY;
}

async function itemOf(api: NotionApi, object: NotionObject, containers: ContainerNames): Promise<SourceItem> {
  const { id, kind, title, facts, url } = object;
  const content = kind === "page" ? await contentOf(api, id) : { markdown: "" };
  if (content === "deleted") return { kind: "gone", id };
  if (content === "unreadable") {
    return { kind: "problem", id, reason: "Notion does not return the content of this page.", keeps: "itself" };
  }
  const [createdAt, updatedAt] = [timeOf(object.createdTime), timeOf(object.editedTime)];
  return {
    ...{ kind: "entity", id, type: kind, name: entityName(title, "Untitled") },
    text: plainText([`# ${title || "Untitled"}`, facts, content.markdown].filter((part) => part !== "").join("\n\n")),
    ...(URL.canParse(url) && { url }),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    breadcrumbs: await containers.breadcrumbsOf(object),
  };
}

type PageContent = { readonly markdown: string } | "deleted" | "unreadable";

/**
 * The content of a page. Notion omits parts of a large page, which are read separately. Text beyond the limit of an entity is
 * not read, because the entity is too large already.
 */
async function contentOf(api: NotionApi, id: string): Promise<PageContent> {
  const absent = [...absentObject, "validation_error"];
  const page = await api.attempt({ shape: "markdown", address: markdownAddress(id), absent });
  if (page.kind === "absent") return page.code === "validation_error" ? "unreadable" : "deleted";
  let { markdown } = page.value;
  const unread = [...page.value.missingBlocks];
  const seen = new Set(unread);
  for (let parts = 0; parts < limits.notionPartsMax && markdown.length <= limits.entityTextBytesMax; parts++) {
    const block = unread.shift();
    if (block === undefined) break;
    const part = await api.request({ shape: "markdown", address: markdownAddress(block), absent });
    if (part === null) continue;
    markdown = `${markdown}\n\n${part.markdown}`;
    const missing = part.missingBlocks.filter((one) => !seen.has(one));
    for (const one of missing) seen.add(one);
    unread.push(...missing);
  }
  return { markdown };
}

function markdownAddress(id: string): string {
  return `/v1/pages/${id}/markdown`;
}
