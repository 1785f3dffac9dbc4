import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import type { SourceItem } from "../../source.ts";
import { plainText } from "../http/plain-text.ts";
import type { GithubApi } from "./github-api.ts";
import type { IssueResponse } from "./parse-response.ts";

/** The progress of reading issues. Times are GitHub's, in its format. */
export const issuesStateSchema = z.object({
  /** The last list that was requested, with the ETag of its response if the list ended there. */
  since: z.string(),
  etag: z.string().nullable(),
  /** The latest time of change that was read. All earlier changes are stored. */
  last: z.string(),
  numberMax: z.int(),
});

export type IssuesState = z.output<typeof issuesStateSchema>;

export interface IssueOptions {
  readonly issues: boolean;
  readonly pullRequests: boolean;
}

const beginning: IssuesState = { since: "1970-01-01T00:00:00Z", etag: null, last: "", numberMax: 0 };

/** Issues and pull requests share numbers, and one can become the other. */
export function issueId(number: number): string {
  return `#${number}`;
}

/** A page of changes, and the progress after it. */
export interface IssuesStep {
  readonly items: readonly SourceItem[];
  readonly numbers: readonly number[];
  readonly state: IssuesState;
}

/**
 * Reads issues and pull requests in the order of their last change, from a state on. Each page is requested by the last time of
 * the previous page, not by its number: an item that changes meanwhile moves to the end, and the items after it would move to
 * an earlier page that was already read.
 */
export async function* readIssues(
  api: GithubApi,
  params: IssueOptions,
  from: IssuesState | null,
): AsyncGenerator<IssuesStep> {
  let state = from ?? beginning;
  let address = listAddress(api, state.since);
  const read = new Set<string>();
  for (;;) {
    const response = await api.get(address, { etag: state.etag, statuses: [304, 410] });
    // 410: the repository has issues disabled.
    if (response.status !== 200) return;
    const page = await api.parse("issues", response);
    const fresh = page.filter((issue) => issue.updated_at >= state.last && !read.has(versionOf(issue)));
    for (const issue of fresh) read.add(versionOf(issue));
    const last = page.at(-1)?.updated_at ?? state.last;
    // Only a page number leads beyond a page whose items all have the same time.
    const next = response.next !== null && last > state.since ? listAddress(api, last) : response.next;
    const since = next === null || next === response.next ? state.since : last;
    state = {
      since,
      etag: next === null && address === listAddress(api, since) ? response.etag : null,
      last: last > state.last ? last : state.last,
      numberMax: Math.max(state.numberMax, ...page.map(({ number }) => number)),
    };
    const items: SourceItem[] = [];
    for (const issue of fresh) items.push(...(await itemsOf(api, issue, params)));
    yield { items, numbers: page.map(({ number }) => number), state };
    if (next === null) return;
    address = next;
  }
}

function listAddress(api: GithubApi, since: string): string {
  const query = { state: "all", sort: "updated", direction: "asc", per_page: "100", since };
  return api.address(`issues?${new URLSearchParams(query)}`);
}

function versionOf({ number, updated_at }: IssueResponse): string {
  return `${number} ${updated_at}`;
}

async function itemsOf(
  api: GithubApi,
  issue: IssueResponse,
  { issues, pullRequests }: IssueOptions,
): Promise<SourceItem[]> {
  const id = issueId(issue.number);
  if (issue.isPull ? !pullRequests : !issues) return [];
  const comments = issue.comments > 0 ? await commentsOf(api, issue.number) : "";
  if (comments === null) return [{ kind: "gone", id }];
  return [
    {
      kind: "entity",
      id,
      type: issue.isPull ? "pull_request" : "issue",
      name: issue.title.slice(0, limits.nameLengthMax).toWellFormed(),
      text: plainText(`${introduction(issue)}\n\n${issue.body}${comments}`),
      url: issue.html_url,
      createdAt: Date.parse(issue.created_at),
      updatedAt: Date.parse(issue.updated_at),
      breadcrumbs: [api.breadcrumb],
    },
  ];
}

function introduction({ title, state, login, labels }: IssueResponse): string {
  const facts = [`State: ${state}.`, `By ${login}.`];
  if (labels.length > 0) facts.push(`Labels: ${labels.join(", ")}.`);
  return `# ${title}\n\n${facts.join(" ")}`;
}

/**
 * Null when the issue was deleted meanwhile. Text beyond the limit of an entity is not read, because the entity is too large
 * already.
 */
async function commentsOf(api: GithubApi, number: number): Promise<string | null> {
  let text = "";
  let address: string | null = api.address(`issues/${number}/comments?per_page=100`);
  while (address !== null && text.length <= limits.entityTextBytesMax) {
    const response = await api.get(address, { statuses: [404, 410] });
    if (response.status !== 200) return null;
    for (const { login, created_at, body } of await api.parse("comments", response)) {
      text += `\n\n## ${login}, ${created_at.slice(0, 10)}\n\n${body}`;
    }
    address = response.next;
  }
  return text;
}
