// The queries to Linear's GraphQL API. Linear computes the complexity of a query from the sizes of its lists: a query must have at
// most 10,000 points, and all queries of an hour share a budget.

const page = "pageInfo { hasNextPage endCursor }";
const comment = "id body createdAt user { displayName }";
const times = "createdAt updatedAt archivedAt trashed";

/** About 4,500 points. */
const issue = `id identifier title description url dueDate priorityLabel ${times}
  state { name } assignee { displayName } creator { displayName } labels(first: 20) { nodes { name } }
  team { id name } project { id name } parent { id identifier title } attachments(first: 10) { nodes { title } }
  comments(first: 20) { nodes { ${comment} } ${page} }`;

const project = `id name description content url startDate targetDate ${times}
  status { name } lead { displayName } teams(first: 3) { nodes { id name } }`;

const document = `id title content url ${times}
  creator { displayName } project { id name } issue { id identifier title } team { id name }`;

export type LinearList = "issues" | "projects" | "documents";

/** The query of a list in the order of the last change, the latest first. */
export const lists: Readonly<Record<LinearList, string>> = {
  issues: listOf("issues", "IssueFilter", issue),
  projects: listOf("projects", "ProjectFilter", project),
  documents: listOf("documents", "DocumentFilter", document),
};

/** The comments that changed, with only the ids of their issues. */
export const changedComments = listOf("comments", "CommentFilter", "issue { id }");

/** The comments of one issue. */
export const commentsOfIssue = `query ($id: String!, $first: Int!, $after: String) {
  issue(id: $id) { comments(first: $first, after: $after) { nodes { ${comment} } ${page} } } }`;

function listOf(name: string, filter: string, fields: string): string {
  return `query ($first: Int!, $after: String, $filter: ${filter}, $archived: Boolean!) {
  ${name}(first: $first, after: $after, filter: $filter, includeArchived: $archived, orderBy: updatedAt) {
    nodes { ${fields} } ${page} } }`;
}
