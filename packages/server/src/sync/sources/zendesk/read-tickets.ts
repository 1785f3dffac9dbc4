import { limits } from "../../../domain/limits.ts";
import type { SourceContext, SourceItem } from "../../source.ts";
import { PageCursors } from "../http/page-cursors.ts";
import { entityName, plainText, timeOf } from "../http/plain-text.ts";
import type { Named, ZendeskComment, ZendeskTicket } from "./parse-response.ts";
import type { ZendeskApi } from "./zendesk-api.ts";

export interface TicketReading extends Pick<SourceContext<unknown, unknown>, "storedHash"> {
  /** The address of the account, for the web addresses of tickets. */
  readonly origin: string;
  readonly readsComments: boolean;
  readonly readsInternalNotes: boolean;
  /** The position of the export; null at its beginning. */
  readonly cursor: string | null;
  /** Tickets that changed before this time are stored, if they are stored at all (Unix ms). */
  readonly since: number;
}

/** A page of tickets, and the position after it. */
export interface TicketsStep {
  readonly items: AsyncIterable<SourceItem>;
  readonly cursor: string | null;
}

/** A description has at most 64 KiB, so that the page fits into a response. */
const pageSize = 250;

/** Reads the incremental export of tickets, which also lists those that were deleted. */
export async function* readTickets(api: ZendeskApi, reading: TicketReading): AsyncGenerator<TicketsStep> {
  const cursors = new PageCursors(api.providerName);
  let { cursor } = reading;
  for (;;) {
    const position: Record<string, string> = cursor === null ? { start_time: "0" } : { cursor };
    const query = new URLSearchParams({ ...position, include: "users", per_page: String(pageSize) });
    const address = `/api/v2/incremental/tickets/cursor.json?${query}`;
    const page = await api.require({ shape: "tickets", address });
    const isLast = page.isLast || page.cursor === null;
    cursor = isLast ? (page.cursor ?? cursor) : cursors.next(page.cursor);
    yield { items: itemsOf(api, page.tickets, { ...reading, names: namesOf(page.users) }), cursor };
    if (isLast) return;
  }
}

type Reading = TicketReading & { readonly names: Map<number, string> };

async function* itemsOf(
  api: ZendeskApi,
  tickets: readonly ZendeskTicket[],
  reading: Reading,
): AsyncGenerator<SourceItem> {
  for (const ticket of tickets) {
    const id = `ticket/${ticket.id}`;
    const isUnchanged = ticket.generatedAt * 1_000 < reading.since;
    const hash = isUnchanged && ticket.status !== "deleted" ? await reading.storedHash(id) : null;
    if (ticket.status === "deleted") yield { kind: "gone", id };
    else if (hash !== null) yield { kind: "unchanged", id, hash };
    else yield await ticketItem(api, ticket, reading);
  }
}

async function ticketItem(api: ZendeskApi, ticket: ZendeskTicket, reading: Reading): Promise<SourceItem> {
  const id = `ticket/${ticket.id}`;
  const comments = reading.readsComments ? await commentsOf(api, ticket, reading) : [];
  if (comments === null) return { kind: "gone", id };
  const { names } = reading;
  const facts = [
    ...fact("Status", ticket.status),
    ...fact("Type", ticket.type),
    ...fact("Priority", ticket.priority),
    ...fact("Requester", nameOf(names, ticket.requesterId)),
    ...fact("Assignee", nameOf(names, ticket.assigneeId)),
    ...fact("Tags", ticket.tags.join(", ")),
  ];
  // The first comment is the description.
  const body = comments.length > 0 ? comments.map((comment) => commentText(comment, names)) : [ticket.description];
  const [createdAt, updatedAt] = [timeOf(ticket.createdTime), timeOf(ticket.updatedTime)];
  return {
    ...{ kind: "entity", id, type: "ticket", name: entityName(ticket.subject, `Ticket ${ticket.id}`) },
    text: plainText(
      [`# ${ticket.subject || `Ticket ${ticket.id}`}`, facts.join("\n"), ...body].filter(Boolean).join("\n\n"),
    ),
    url: `${reading.origin}/agent/tickets/${ticket.id}`,
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
  };
}

/**
 * Null when the ticket was deleted meanwhile. Text beyond the limit of an entity is not read, because the entity is too large
 * already.
 */
async function commentsOf(
  api: ZendeskApi,
  { id }: ZendeskTicket,
  { readsInternalNotes, names }: Reading,
): Promise<ZendeskComment[] | null> {
  const cursors = new PageCursors(api.providerName);
  const comments: ZendeskComment[] = [];
  let length = 0;
  let after: Record<string, string> = {};
  for (;;) {
    const query = new URLSearchParams({ include: "users", "page[size]": "100", ...after });
    const page = await api.request({
      shape: "comments",
      address: `/api/v2/tickets/${id}/comments.json?${query}`,
      absent: [404],
    });
    if (page === null) return null;
    for (const [userId, name] of namesOf(page.users)) names.set(userId, name);
    comments.push(...page.comments.filter(({ isPublic }) => isPublic || readsInternalNotes));
    for (const { text } of page.comments) length += text.length;
    if (page.next === null || length > limits.entityTextBytesMax) return comments;
    after = { "page[after]": cursors.next(page.next) };
  }
}

function commentText(
  { authorId, createdTime, text, isPublic, files }: ZendeskComment,
  names: Map<number, string>,
): string {
  const author = nameOf(names, authorId) || "unknown";
  const note = isPublic ? "" : " (internal note)";
  const attachments = files.length === 0 ? "" : `\n\nFiles: ${files.join(", ")}`;
  return `## ${author}, ${createdTime.slice(0, 10)}${note}\n\n${text}${attachments}`;
}

function fact(name: string, value: string): string[] {
  return value === "" ? [] : [`${name}: ${value}`];
}

function namesOf(users: readonly Named[]): Map<number, string> {
  return new Map(users.map(({ id, name }) => [id, name]));
}

function nameOf(names: ReadonlyMap<number, string>, id: number | null): string {
  return (id === null ? undefined : names.get(id)) ?? "";
}
