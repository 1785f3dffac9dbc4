import { limits } from "../../../domain/limits.ts";
import type { SourceEntity, SourceItem } from "../../source.ts";
import { entityName, plainText, timeOf } from "../http/plain-text.ts";
import type { LinearApi } from "./linear-api.ts";
import type { LinearComment, LinearNode } from "./parse-response.ts";
import { changedComments, commentsOfIssue, type LinearList, lists } from "./queries.ts";

const pageSize = 50;
const smallPageSize = 100;

/**
 * Reads a list, the latest change first. With `since`, it reads only the changes, and reports archived nodes as deleted;
 * otherwise it omits them.
 */
export async function* readList(api: LinearApi, name: LinearList, since: number | null): AsyncGenerator<SourceItem> {
  const variables = { archived: since !== null, ...(since !== null && { filter: changedSince(since) }) };
  const read = new RecentIds();
  for await (const nodes of api.pages({ shape: name, query: lists[name], variables, pageSize })) {
    for (const node of nodes) {
      read.add(node.id);
      yield await itemOf(api, node);
    }
  }
  if (since !== null && name === "issues") yield* readCommented(api, since, read);
}

/** Reads the issues of which only comments changed. */
async function* readCommented(api: LinearApi, since: number, read: RecentIds): AsyncGenerator<SourceItem> {
  const variables = { archived: true, filter: changedSince(since) };
  const query = { shape: "changedComments", query: changedComments, variables, pageSize: smallPageSize } as const;
  for await (const issues of api.pages(query)) {
    const changed = [...new Set(issues)].filter((id) => !read.has(id));
    for (const id of changed) read.add(id);
    for (let from = 0; from < changed.length; from += pageSize) {
      const variables = { archived: false, filter: { id: { in: changed.slice(from, from + pageSize) } } };
      for await (const nodes of api.pages({ shape: "issues", query: lists.issues, variables, pageSize })) {
        for (const node of nodes) yield await itemOf(api, node);
      }
    }
  }
}

/** The last ids that a job read. A job that forgot an id reads its entity again, which is not counted twice. */
class RecentIds {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    if (this.#ids.size >= limits.linearIdsMax) this.#ids.clear();
    this.#ids.add(id);
  }
}

function changedSince(since: number): Readonly<Record<string, unknown>> {
  return { updatedAt: { gte: new Date(since).toISOString() } };
}

async function itemOf(api: LinearApi, node: LinearNode): Promise<SourceItem> {
  if (node.isArchived) return { kind: "gone", id: node.id };
  const [createdAt, updatedAt] = [timeOf(node.createdTime), timeOf(node.updatedTime)];
  const parts = [
    `# ${node.title}`,
    node.facts.join("\n"),
    node.body,
    ...(await commentsOf(api, node)).map(commentText),
  ];
  const entity: SourceEntity = {
    ...{ kind: "entity", id: node.id, type: node.type, name: entityName(node.title, "Untitled") },
    text: plainText(parts.filter((part) => part !== "").join("\n\n")),
    breadcrumbs: node.breadcrumbs,
    ...(URL.canParse(node.url) && { url: node.url }),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
  };
  return entity;
}

/**
 * The first comments arrive with their issue. Text beyond the limit of an entity is not read, because the entity is too large
 * already.
 */
async function commentsOf(api: LinearApi, { id, comments }: LinearNode): Promise<readonly LinearComment[]> {
  if (comments.next === null) return oldestFirst(comments.nodes);
  const all = [...comments.nodes];
  let length = 0;
  const variables = { id };
  const query = { shape: "commentsOfIssue", query: commentsOfIssue, variables, pageSize: smallPageSize } as const;
  for await (const nodes of api.pages({ ...query, after: comments.next })) {
    all.push(...nodes);
    for (const { body } of nodes) length += body.length;
    if (length > limits.entityTextBytesMax) break;
  }
  return oldestFirst(all);
}

function oldestFirst(comments: readonly LinearComment[]): readonly LinearComment[] {
  return comments.toSorted((a, b) => (a.createdTime < b.createdTime ? -1 : 1));
}

function commentText({ author, createdTime, body }: LinearComment): string {
  return `## ${author}, ${createdTime.slice(0, 10)}\n\n${body}`;
}
