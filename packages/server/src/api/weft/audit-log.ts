import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { type AuditEntry, actorKinds, actorWays, auditKinds } from "../../domain/audit-entry.ts";
import { type AuditSubject, auditSubjectKinds, auditSubjects } from "../../domain/audit-subject.ts";
import { limits } from "../../domain/limits.ts";
import { cursorIn, pageQuery, respondWithListById } from "../../http/pages.ts";
import { flag } from "../../http/query-values.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";

const entryResponse = z
  .object({
    id: z.uuid(),
    kind: z
      .enum(auditKinds)
      .describe(
        "`change` is a call that changes something. The other kinds are counted: `replay` of an idempotency key, `sign_in`, `sign_in_failed`, " +
          "`refused` for a missing right, `secret_read`.",
      ),
    count: z.int().describe("The number of calls that the entry counts; always 1 for a `change`."),
    last_at: timeResponse.nullable().describe("When the last of several calls was made; null for one."),
    organization_id: z.uuid().describe("In which the caller worked."),
    timestamp: timeResponse,
    actor: z.object({
      kind: z.enum(actorKinds),
      id: z.string().nullable().describe("The id of the API key; for an application's token, its own name."),
      name: z.string().nullable(),
      via: z
        .enum(actorWays)
        .nullable()
        .describe("The session or portal link that was made with the actor's key; null when the key itself was sent."),
    }),
    address: z.string().nullable().describe("Where the request came from."),
    forwarded_for: z.string().nullable().describe("The client address that a proxy reported. Any client can forge it."),
    operation: z.string().describe("The operation's name in the API's document."),
    method: z.string(),
    path: z.string().describe("The path with its ids."),
    subjects: z
      .array(
        z.object({
          kind: z.enum(auditSubjectKinds),
          id: z.uuid(),
          name: z.string().describe("The current name; the URL of a subscription."),
        }),
      )
      .describe("The things in the path that still have a name, in the order of the path."),
    fields: z.array(z.string()).describe("The names of the request's fields; values are not stored."),
    status: z
      .int()
      .nullable()
      .describe("The HTTP status of the response; null when it is unknown, for example after a crash."),
    request_id: z.string(),
  })
  .meta({ id: "AuditEntry", description: "A call that the audit log recorded." });

export function auditLogRoutes(store: Pick<Store, "listAuditEntries" | "readSubjectNames">): Route[] {
  return [
    route({
      method: "GET",
      path: "/audit-log",
      operation: "listAuditLog",
      tag: "organizations",
      summary: `List audit log entries, newest first: changes, sign-ins, refusals and secrets that were read; kept for ${limits.auditKeptMs / 86_400_000} days`,
      scope: "admin",
      bytesReserved: limits.pageBytesMax,
      also: [{ when: "`everywhere` is true", isOperators: true, applies: ({ query }) => query.everywhere }],
      query: z.object({
        ...pageQuery,
        kind: z.enum(auditKinds).optional(),
        operation: z.string().optional().describe("Only calls of this operation, such as `updateSubscription`."),
        api_key_id: z.string().optional().describe("Only calls with this API key."),
        since: timeRequest.optional(),
        until: timeRequest.optional(),
        everywhere: flag.describe("Entries of all organizations; only for the operator."),
      }),
      response: z.array(entryResponse),
      handle: async ({ caller, query, nextPage }) => {
        const filter = {
          organizationId: query.everywhere ? null : caller.organizationId,
          kind: query.kind ?? null,
          operation: query.operation ?? null,
          actorId: query.api_key_id ?? null,
          since: query.since ?? null,
          until: query.until ?? null,
        };
        return await respondWithListById({
          limit: query.limit,
          cursor: cursorIn<"auditEntry">(query.cursor, null),
          read: async (part) => await withNames(store, caller, await store.listAuditEntries({ ...filter, ...part })),
          responseOf,
          nextPage,
        });
      },
    }),
  ];
}

interface NamedEntry extends AuditEntry {
  readonly subjects: z.input<typeof entryResponse>["subjects"];
}

/** Adds the names that the caller may see: those of the entry's organization, and for the operator all. */
async function withNames(
  store: Pick<Store, "readSubjectNames">,
  { isOperator }: Caller,
  entries: readonly AuditEntry[],
): Promise<NamedEntry[]> {
  const subjects = entries.flatMap(({ path }) => auditSubjects(path));
  const named = subjects.length === 0 ? [] : await store.readSubjectNames({ subjects });
  const names = new Map(named.map((subject) => [keyOf(subject), subject]));
  return entries.map((entry) => ({
    ...entry,
    subjects: auditSubjects(entry.path).flatMap((subject) => {
      const found = names.get(keyOf(subject));
      const isVisible = isOperator || found?.organizationId === entry.organizationId;
      return found === undefined || !isVisible ? [] : [{ ...subject, name: found.name }];
    }),
  }));
}

function keyOf({ kind, id }: AuditSubject): string {
  return `${kind} ${id}`;
}

function responseOf(entry: NamedEntry): z.input<typeof entryResponse> {
  return {
    id: entry.id,
    kind: entry.kind,
    count: entry.count,
    last_at: entry.lastAt === null ? null : isoTime(entry.lastAt),
    organization_id: entry.organizationId,
    timestamp: isoTime(entry.createdAt),
    actor: { ...entry.actor },
    address: entry.address,
    forwarded_for: entry.forwardedFor,
    operation: entry.operation,
    method: entry.method,
    path: entry.path,
    subjects: [...entry.subjects],
    fields: [...entry.fields],
    status: entry.status,
    request_id: entry.requestId,
  };
}
