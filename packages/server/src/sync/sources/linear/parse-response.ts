// The sandbox task that parses responses of Linear's GraphQL API.

import { z } from "zod";
import type { SourceEntity } from "../../source.ts";
import { type Parsers, responseParser } from "../http/response-shapes.ts";

export interface LinearShapes {
  readonly issues: LinearPage<LinearNode>;
  readonly projects: LinearPage<LinearNode>;
  readonly documents: LinearPage<LinearNode>;
  /** The ids of the issues whose comments changed. */
  readonly changedComments: LinearPage<string>;
  readonly commentsOfIssue: LinearPage<LinearComment>;
}

export interface LinearPage<Node> {
  readonly nodes: readonly Node[];
  readonly next: string | null;
}

/** An issue, a project or a document. */
export interface LinearNode {
  readonly id: string;
  readonly type: "issue" | "project" | "document";
  readonly title: string;
  /** The facts about it, one in a line. */
  readonly facts: readonly string[];
  readonly body: string;
  readonly comments: LinearPage<LinearComment>;
  readonly url: string;
  readonly createdTime: string;
  readonly updatedTime: string;
  /** Whether it was archived or moved to the trash. */
  readonly isArchived: boolean;
  readonly breadcrumbs: NonNullable<SourceEntity["breadcrumbs"]>;
}

export interface LinearComment {
  readonly body: string;
  readonly author: string;
  readonly createdTime: string;
}

const pageSizeMax = 250;
const id = z.string().min(1).max(64);
const text = z.string().nullish();
const named = z.object({ name: z.string() }).nullish();
const person = z.object({ displayName: z.string() }).nullish();
const container = z.object({ id, name: z.string() }).nullish();
const parentIssue = z.object({ id, identifier: z.string(), title: z.string() }).nullish();

const pageInfo = z
  .object({ hasNextPage: z.boolean(), endCursor: text })
  .refine(({ hasNextPage, endCursor }) => !hasNextPage || Boolean(endCursor))
  .transform(({ hasNextPage, endCursor }) => (hasNextPage ? endCursor || null : null));

function pageOf<Node>(node: z.ZodType<Node>) {
  return z
    .object({ nodes: z.array(node).max(pageSizeMax), pageInfo })
    .transform(({ nodes, pageInfo }): LinearPage<Node> => ({ nodes, next: pageInfo }));
}

const comment = z.object({ body: z.string(), createdAt: z.string(), user: person }).transform(
  ({ body, createdAt, user }): LinearComment => ({
    body,
    createdTime: createdAt,
    author: user?.displayName ?? "unknown",
  }),
);

const shared = {
  id,
  url: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  archivedAt: text,
  trashed: z.boolean().nullish(),
};

type Shared = z.output<z.ZodObject<typeof shared>>;

function sharedOf({ id, url, createdAt, updatedAt, archivedAt, trashed }: Shared) {
  const isArchived = trashed === true || (archivedAt ?? null) !== null;
  return { id, url, createdTime: createdAt, updatedTime: updatedAt, isArchived };
}

/** `State: Done`, or nothing without a value. */
function fact(name: string, value: string | null | undefined): string[] {
  return value ? [`${name}: ${value}`] : [];
}

function crumb(type: string, one: z.output<typeof container>): { id: string; type: string; name: string }[] {
  return one ? [{ id: one.id, type, name: one.name }] : [];
}

function issueCrumb(one: z.output<typeof parentIssue>): { id: string; type: string; name: string }[] {
  return one ? [{ id: one.id, type: "issue", name: `${one.identifier} ${one.title}` }] : [];
}

const noComments: LinearPage<LinearComment> = { nodes: [], next: null };

const issue = z
  .object({
    ...shared,
    identifier: z.string(),
    title: z.string(),
    description: text,
    dueDate: text,
    priorityLabel: text,
    state: named,
    assignee: person,
    creator: person,
    labels: z.object({ nodes: z.array(z.object({ name: z.string() })) }),
    team: container,
    project: container,
    parent: parentIssue,
    attachments: z.object({ nodes: z.array(z.object({ title: z.string() })) }),
    comments: pageOf(comment),
  })
  .transform(
    (one): LinearNode => ({
      ...sharedOf(one),
      type: "issue",
      title: `${one.identifier} ${one.title}`,
      facts: [
        ...fact("State", one.state?.name),
        ...fact("Priority", one.priorityLabel),
        ...fact("Assignee", one.assignee?.displayName),
        ...fact("Creator", one.creator?.displayName),
        ...fact("Labels", one.labels.nodes.map(({ name }) => name).join(", ")),
        ...fact("Due", one.dueDate),
        ...fact("Attachments", one.attachments.nodes.map(({ title }) => title).join(", ")),
      ],
      body: one.description ?? "",
      comments: one.comments,
      breadcrumbs: [...crumb("team", one.team), ...crumb("project", one.project), ...issueCrumb(one.parent)],
    }),
  );

const project = z
  .object({
    ...shared,
    name: z.string(),
    description: text,
    content: text,
    startDate: text,
    targetDate: text,
    status: named,
    lead: person,
    teams: z.object({ nodes: z.array(z.object({ id, name: z.string() })) }),
  })
  .transform(
    (one): LinearNode => ({
      ...sharedOf(one),
      type: "project",
      title: one.name,
      facts: [
        ...fact("Status", one.status?.name),
        ...fact("Lead", one.lead?.displayName),
        ...fact("Start", one.startDate),
        ...fact("Target", one.targetDate),
      ],
      body: [one.description, one.content].filter((part) => part).join("\n\n"),
      comments: noComments,
      breadcrumbs: crumb("team", one.teams.nodes[0]),
    }),
  );

const document = z
  .object({
    ...shared,
    title: z.string(),
    content: text,
    creator: person,
    project: container,
    issue: parentIssue,
    team: container,
  })
  .transform(
    (one): LinearNode => ({
      ...sharedOf(one),
      type: "document",
      title: one.title,
      facts: fact("Creator", one.creator?.displayName),
      body: one.content ?? "",
      comments: noComments,
      breadcrumbs: [...crumb("team", one.team), ...crumb("project", one.project), ...issueCrumb(one.issue)],
    }),
  );

function dataOf<Node>(name: string, page: z.ZodType<LinearPage<Node>>): z.ZodType<LinearPage<Node>> {
  return z.object({ data: z.object({ [name]: page }) }).transform(({ data }) => data[name] as LinearPage<Node>);
}

const changedComment = z.object({ issue: z.object({ id }).nullish() }).transform((one) => one.issue?.id ?? null);

const parsers: Parsers<LinearShapes> = {
  issues: dataOf("issues", pageOf(issue)),
  projects: dataOf("projects", pageOf(project)),
  documents: dataOf("documents", pageOf(document)),
  changedComments: dataOf("comments", pageOf(changedComment)).transform(({ nodes, next }) => ({
    nodes: nodes.filter((issueId) => issueId !== null),
    next,
  })),
  commentsOfIssue: z
    .object({ data: z.object({ issue: z.object({ comments: pageOf(comment) }) }) })
    .transform(({ data }) => data.issue.comments),
};

const failure = z.object({
  errors: z.tuple([z.object({ extensions: z.object({ code: text, type: text }).optional() })], z.unknown()),
});

/** A response with an error is not used, even if it also contains data. */
export const run = responseParser(parsers, (body) => {
  const extensions = failure.safeParse(body).data?.errors[0].extensions;
  if (extensions === undefined) return failure.safeParse(body).success ? { code: "unknown_error" } : null;
  return { code: (extensions.code ?? extensions.type ?? "unknown_error").replaceAll(" ", "_").toUpperCase() };
});
