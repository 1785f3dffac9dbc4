// The sandbox task that parses responses of Zendesk's APIs.

import { z } from "zod";
import { type Parsers, responseParser } from "../http/response-shapes.ts";

export interface ZendeskShapes {
  /** A page of the incremental export of tickets. */
  readonly tickets: {
    readonly tickets: readonly ZendeskTicket[];
    readonly users: readonly Named[];
    /** The position after the page; null if Zendesk returns none. */
    readonly cursor: string | null;
    readonly isLast: boolean;
  };
  readonly comments: {
    readonly comments: readonly ZendeskComment[];
    readonly users: readonly Named[];
    readonly next: string | null;
  };
  /** A page of the list of articles, which has a cursor, or of their incremental export, which has an end time. */
  readonly articles: {
    readonly articles: readonly ZendeskArticle[];
    readonly next: string | null;
    /** Unix seconds. */
    readonly endTime: number | null;
  };
  readonly sections: { readonly all: readonly Section[]; readonly next: string | null };
  readonly categories: { readonly all: readonly Section[]; readonly next: string | null };
}

export interface Named {
  readonly id: number;
  readonly name: string;
}

export interface Section extends Named {
  /** The id of its category. */
  readonly categoryId: number | null;
}

export interface ZendeskTicket {
  readonly id: number;
  readonly subject: string;
  readonly description: string;
  readonly status: string;
  readonly priority: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly requesterId: number | null;
  readonly assigneeId: number | null;
  readonly createdTime: string;
  readonly updatedTime: string;
  /** When Zendesk last changed the ticket, including changes that do not change `updatedTime` (Unix s). */
  readonly generatedAt: number;
}

export interface ZendeskComment {
  readonly authorId: number | null;
  readonly text: string;
  readonly isPublic: boolean;
  readonly createdTime: string;
  readonly files: readonly string[];
}

export interface ZendeskArticle {
  readonly id: number;
  readonly title: string;
  readonly html: string;
  readonly url: string;
  readonly isDraft: boolean;
  readonly labels: readonly string[];
  readonly sectionId: number | null;
  readonly createdTime: string;
  readonly updatedTime: string;
}

const pageSizeMax = 1_000;
const id = z.int().nonnegative();
const anyId = z.int().nullish();
const text = z.string().nullish();
const texts = z.array(z.string()).max(pageSizeMax).nullish();

const users = z
  .array(z.object({ id: z.int(), name: text }))
  .nullish()
  .transform((all) => (all ?? []).map((one): Named => ({ id: one.id, name: one.name ?? "" })));

/** The cursor of the next page, in the newer form of lists. */
const meta = z
  .object({ has_more: z.boolean(), after_cursor: text })
  .refine(({ has_more, after_cursor }) => !has_more || Boolean(after_cursor))
  .nullish()
  .transform((one) => (one?.has_more === true ? one.after_cursor || null : null));

const ticket = z
  .object({
    ...{
      id,
      subject: text,
      raw_subject: text,
      description: text,
      status: text,
      priority: text,
      type: text,
      tags: texts,
    },
    ...{ requester_id: anyId, assignee_id: anyId, created_at: z.string(), updated_at: z.string() },
    generated_timestamp: z.number(),
  })
  .transform(
    (one): ZendeskTicket => ({
      ...{ id: one.id, subject: one.subject || one.raw_subject || "", description: one.description ?? "" },
      ...{ status: one.status ?? "", priority: one.priority ?? "", type: one.type ?? "", tags: one.tags ?? [] },
      ...{ requesterId: one.requester_id ?? null, assigneeId: one.assignee_id ?? null },
      ...{ createdTime: one.created_at, updatedTime: one.updated_at, generatedAt: one.generated_timestamp },
    }),
  );

const comment = z
  .object({
    ...{ author_id: anyId, plain_body: text, body: text, public: z.boolean().default(true), created_at: z.string() },
    attachments: z.array(z.object({ file_name: text })).nullish(),
  })
  .transform(
    (one): ZendeskComment => ({
      ...{ authorId: one.author_id ?? null, text: one.plain_body ?? one.body ?? "", isPublic: one.public },
      createdTime: one.created_at,
      files: (one.attachments ?? []).flatMap(({ file_name }) => file_name || []),
    }),
  );

const article = z
  .object({
    ...{
      id,
      title: text,
      name: text,
      body: text,
      html_url: text,
      draft: z.boolean().default(false),
      label_names: texts,
    },
    ...{ section_id: anyId, created_at: z.string(), updated_at: z.string() },
  })
  .transform(
    (one): ZendeskArticle => ({
      ...{ id: one.id, title: one.title || one.name || "", html: one.body ?? "", url: one.html_url ?? "" },
      ...{ isDraft: one.draft, labels: one.label_names ?? [], sectionId: one.section_id ?? null },
      ...{ createdTime: one.created_at, updatedTime: one.updated_at },
    }),
  );

const section = z
  .object({ id, name: text, category_id: anyId })
  .transform((one): Section => ({ id: one.id, name: one.name ?? "", categoryId: one.category_id ?? null }));

const sections = z.array(section).max(pageSizeMax);

const parsers: Parsers<ZendeskShapes> = {
  tickets: z
    .object({ tickets: z.array(ticket).max(pageSizeMax), users, after_cursor: text, end_of_stream: z.boolean() })
    .refine(({ end_of_stream, after_cursor }) => end_of_stream || Boolean(after_cursor))
    .transform(({ after_cursor, end_of_stream, ...one }) => ({
      ...one,
      cursor: after_cursor || null,
      isLast: end_of_stream,
    })),
  comments: z
    .object({ comments: z.array(comment).max(pageSizeMax), users, meta })
    .transform(({ meta, ...one }) => ({ ...one, next: meta })),
  articles: z
    .object({ articles: z.array(article).max(pageSizeMax), meta, end_time: z.int().nullish() })
    .transform(({ articles, meta, end_time }) => ({ articles, next: meta, endTime: end_time ?? null })),
  sections: z.object({ sections, meta }).transform(({ sections, meta }) => ({ all: sections, next: meta })),
  categories: z
    .object({ categories: sections, meta })
    .transform(({ categories, meta }) => ({ all: categories, next: meta })),
};

/** Some errors are a word, others a sentence or an object. */
const failure = z.object({
  error: z.union([z.string().transform((code) => ({ code })), z.looseObject({}).transform(() => ({ code: "" }))]),
});

export const run = responseParser(parsers, (body) => failure.safeParse(body).data?.error ?? null);
