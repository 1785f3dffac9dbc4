// The sandbox task that parses responses of Notion's API.

import { z } from "zod";
import { type Parsers, responseParser } from "../http/response-shapes.ts";
import { propertyText, titleOf } from "./property-text.ts";

export interface NotionShapes {
  /** `POST /v1/search` */
  readonly search: {
    readonly objects: readonly NotionObject[];
    readonly next: string | null;
    /** Whether Notion lists everything that the token has access to. */
    readonly isComplete: boolean;
  };
  /** A page, a data source, a database or a block, as the parent of another. */
  readonly parent: { readonly name: string; readonly parent: ParentRef | null };
  /** `GET /v1/pages/{id}/markdown` */
  readonly markdown: { readonly markdown: string; readonly missingBlocks: readonly string[] };
}

export interface NotionObject {
  readonly id: string;
  readonly kind: "page" | "data_source";
  readonly title: string;
  /** The properties of a page, or the description and the names of the columns of a data source. */
  readonly facts: string;
  readonly url: string;
  readonly createdTime: string;
  readonly editedTime: string;
  readonly isInTrash: boolean;
  readonly parent: ParentRef | null;
}

export interface ParentRef {
  readonly kind: "page" | "data_source" | "database" | "block";
  readonly id: string;
}

const id = z.string().regex(/^[\da-fA-F-]{32,36}$/);
const pageSizeMax = 100;
const missingBlocksMax = 10_000;
const propertiesMax = 1_000;

const parent = z
  .union([
    z.object({ type: z.literal("page_id"), page_id: id }).transform((one) => ref("page", one.page_id)),
    z
      .object({ type: z.literal("data_source_id"), data_source_id: id })
      .transform((one) => ref("data_source", one.data_source_id)),
    z.object({ type: z.literal("database_id"), database_id: id }).transform((one) => ref("database", one.database_id)),
    z.object({ type: z.literal("block_id"), block_id: id }).transform((one) => ref("block", one.block_id)),
  ])
  .nullish()
  .catch(null)
  .transform((one) => one ?? null);

function ref(kind: ParentRef["kind"], id: string): ParentRef {
  return { kind, id };
}

const richText = z.array(z.object({ plain_text: z.string() })).max(propertiesMax);
const properties = z.record(z.string(), z.unknown()).refine((all) => Object.keys(all).length <= propertiesMax);

const both = {
  id,
  url: z.string(),
  created_time: z.string(),
  last_edited_time: z.string(),
  in_trash: z.boolean().default(false),
  parent,
};

const page = z.object({ ...both, object: z.literal("page"), properties }).transform(
  ({ properties, ...one }): NotionObject => ({
    ...shared(one),
    kind: "page",
    title: titleOf(properties),
    facts: Object.entries(properties)
      .map(([name, value]) => propertyText(name, value))
      .filter((line) => line !== "")
      .join("\n"),
  }),
);

const dataSource = z
  .object({
    ...both,
    object: z.literal("data_source"),
    title: richText,
    description: richText.default([]),
    properties,
  })
  .transform(
    ({ title, description, properties, ...one }): NotionObject => ({
      ...shared(one),
      kind: "data_source",
      title: joined(title),
      facts: [joined(description), `Properties: ${Object.keys(properties).join(", ")}`]
        .filter((part) => part !== "")
        .join("\n\n"),
    }),
  );

function shared(one: z.output<z.ZodObject<typeof both>>) {
  const { id, url, parent } = one;
  return {
    ...{ id, url, parent, isInTrash: one.in_trash },
    ...{ createdTime: one.created_time, editedTime: one.last_edited_time },
  };
}

function joined(text: z.output<typeof richText>): string {
  return text.map(({ plain_text }) => plain_text).join("");
}

/** Results of search that contain only an id are pages that the token cannot read. */
const partial = z.strictObject({ object: z.enum(["page", "data_source"]), id }).transform(() => null);

const parsers: Parsers<NotionShapes> = {
  search: z
    .object({
      results: z.array(z.union([page, dataSource, partial])).max(pageSizeMax),
      next_cursor: z.string().nullish(),
      has_more: z.boolean().default(false),
      request_status: z.object({ type: z.string() }).optional(),
    })
    .refine(({ has_more, next_cursor }) => !has_more || Boolean(next_cursor))
    .transform(({ results, next_cursor, request_status }) => ({
      objects: results.filter((one) => one !== null),
      next: next_cursor || null,
      isComplete: request_status?.type !== "incomplete",
    })),
  parent: z
    .object({ parent, title: richText.optional(), properties: properties.optional() })
    .transform(({ parent, title, properties }) => ({
      parent,
      name: title === undefined ? titleOf(properties ?? {}) : joined(title),
    })),
  markdown: z
    .object({ markdown: z.string(), unknown_block_ids: z.array(id).max(missingBlocksMax).default([]) })
    .transform(({ markdown, unknown_block_ids }) => ({ markdown, missingBlocks: unknown_block_ids })),
};

const failure = z.object({ object: z.literal("error"), code: z.string() });

export const run = responseParser(parsers, (body) => failure.safeParse(body).data ?? null);
