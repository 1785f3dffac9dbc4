// The sandbox task that parses the JSON of GitHub's responses, which may be large, or from another server.

import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineTask } from "../../../sandbox/task.ts";

export interface ResponseText {
  readonly shape: keyof Shapes;
  readonly text: string;
}

/** The relevant parts of the responses. */
export interface Shapes {
  readonly tree: TreeResponse;
  readonly issues: readonly IssueResponse[];
  readonly comments: readonly CommentResponse[];
}

export interface TreeResponse {
  readonly sha: string;
  /** Whether GitHub, or Weft, omitted entries. */
  readonly truncated: boolean;
  /** The regular files, with a NUL after every value of each field, because there may be very many. */
  readonly paths: string;
  readonly shas: string;
  readonly sizes: readonly number[];
}

export interface IssueResponse {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: string;
  readonly html_url: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly login: string;
  readonly labels: readonly string[];
  readonly comments: number;
  readonly isPull: boolean;
}

export interface CommentResponse {
  readonly body: string;
  readonly login: string;
  readonly created_at: string;
}

export const parseResponse = defineTask<ResponseText, Shapes[keyof Shapes] | null>(
  new URL("./parse-response.ts", import.meta.url),
);

/** Null when the response has another form. */
export function run({ shape, text }: ResponseText): Shapes[keyof Shapes] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return parsers[shape].safeParse(value).data ?? null;
}

const symbolicLink = "120000";

const tree = z
  .object({
    sha: z.string(),
    tree: z.array(
      z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: z.string(), size: z.int().nullish() }),
    ),
    truncated: z.boolean(),
  })
  .transform(({ sha, tree: entries, truncated }): TreeResponse => {
    const files = entries.filter(({ type, mode }) => type === "blob" && mode !== symbolicLink);
    const isTooLong = files.length > limits.githubTreeFilesMax;
    const kept = isTooLong ? [] : files.filter(({ path, sha }) => !path.includes("\0") && !sha.includes("\0"));
    return {
      sha,
      truncated: truncated || isTooLong,
      paths: kept.map(({ path }) => `${path}\0`).join(""),
      shas: kept.map(({ sha }) => `${sha}\0`).join(""),
      sizes: kept.map(({ size }) => size ?? 0),
    };
  });

const person = z.object({ login: z.string() }).nullish();
const perPageMax = 100;

const issue = z
  .object({
    number: z.int().min(1),
    title: z.string(),
    body: z.string().nullish(),
    state: z.string(),
    html_url: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    user: person,
    labels: z
      .array(z.union([z.string(), z.object({ name: z.string().nullish() })]))
      .max(1_000)
      .default([]),
    comments: z.int().default(0),
    pull_request: z.unknown().optional(),
  })
  .transform(
    ({ body, user, labels, pull_request, ...fields }): IssueResponse => ({
      ...fields,
      body: body ?? "",
      login: user?.login ?? "ghost",
      labels: labels.flatMap((label) => (typeof label === "string" ? label : (label.name ?? []))),
      isPull: pull_request !== undefined && pull_request !== null,
    }),
  );

const comment = z.object({ body: z.string().nullish(), user: person, created_at: z.string() }).transform(
  ({ body, user, created_at }): CommentResponse => ({
    body: body ?? "",
    login: user?.login ?? "ghost",
    created_at,
  }),
);

const parsers: { readonly [Name in keyof Shapes]: z.ZodType<Shapes[Name]> } = {
  tree,
  issues: z.array(issue).max(perPageMax),
  comments: z.array(comment).max(perPageMax),
};
