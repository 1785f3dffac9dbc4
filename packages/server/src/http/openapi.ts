import { z } from "zod";
import type { Access, Condition } from "../auth/access.ts";
import type { Route } from "./route.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The parts of an OpenAPI document that do not depend on routes. */
export interface DocumentedApi {
  readonly title: string;
  readonly description: string;
  /** The prefix of every path; empty for none. */
  readonly prefix: string;
  /** The URL below which the paths are, relative to the address of the document. */
  readonly server: string;
  /** The status of a success with content; `2XX` if it differs between routes. */
  readonly success: "200" | "2XX";
  readonly error: { readonly mediaType: string; readonly schema: JsonObject };
}

/** The OpenAPI 3.1 document of a table of routes, generated from the schemas that validate their requests. */
export function openApiDocument(api: DocumentedApi, routes: readonly Route[], version: string): JsonObject {
  const components: JsonObject = { Error: api.error.schema };
  const paths: { [path: string]: JsonObject } = {};
  for (const route of routes) {
    const path = api.prefix + route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(api, route, components) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: api.title,
      version,
      description: api.description,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: api.server }],
    security: [{ apiKey: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
        bearer: { type: "http", scheme: "bearer" },
      },
      schemas: components,
    },
  };
}

/** A text that takes a moment to generate, such as a document. It is generated on first use and cached. */
export function onceMade(make: () => string): () => string {
  let made: string | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function operationOf({ success, error }: DocumentedApi, route: Route, components: JsonObject): JsonObject {
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    ...(route.access === null ? { security: [] } : { description: neededFor(route.access) }),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(route.body === null ? {} : { requestBody: bodyOf(route.body, components) }),
    responses: {
      ...successOf(success, route, components),
      ...(route.redirects === null ? {} : { 303: { description: route.redirects } }),
      default: {
        description: "An error, with what happened, to which thing, and what to do.",
        content: { [error.mediaType]: { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function successOf(status: string, { response, mediaType, redirects }: Route, components: JsonObject): JsonObject {
  if (response instanceof z.ZodNull)
    return { 204: { description: "The operation succeeded. The response has no content." } };
  // Only a redirect.
  if (response instanceof z.ZodUnknown && redirects !== null) return {};
  const schema = schemaOf(response, "output", components);
  return { [status]: { description: contentText(schema, mediaType), content: { [mediaType]: { schema } } } };
}

function contentText(schema: JsonObject, mediaType: Route["mediaType"]): string {
  if (mediaType === "text/event-stream")
    return "A stream of events. It ends when the client or Weft closes the connection.";
  if (mediaType === "text/plain") return "The operation succeeded. The response is text.";
  if (schema.type === "array") return "The operation succeeded. The response is a list.";
  const name = typeof schema.$ref === "string" ? schema.$ref.replace("#/components/schemas/", "") : null;
  if (name === null) return "The operation succeeded. The response is JSON.";
  return `The operation succeeded. The response is the schema \`${name}\`.`;
}

function neededFor({ scopes, isOperators, isNamespaces, also }: Access): string {
  const named = scopes.map((scope) => `\`${scope}\``).join(" and ");
  const needed =
    scopes.length === 0 ? "a key of any scope" : scopes.length === 1 ? `the scope ${named}` : `the scopes ${named}`;
  const caller = isNamespaces ? ", and is for the operator or a token of a namespace" : ", and is the operator's alone";
  const whose = isOperators ? caller : "";
  const further = also.map((condition) => ` Needs ${furtherRight(condition)} as well when ${condition.when}.`);
  return [`Needs ${needed}${whose}.`, ...further].join("");
}

export function furtherRight({ scope, isOperators }: Condition): string {
  const named = scope === undefined ? [] : [`\`${scope}\``];
  return [...named, ...(isOperators === true ? ["the operator's rights"] : [])].join(" and ");
}

function bodyOf(schema: z.ZodType, components: JsonObject): JsonObject {
  return {
    required: !schema.safeParse(undefined).success,
    content: { "application/json": { schema: schemaOf(schema, "input", components) } },
  };
}

function pathParameters(route: Route): JsonObject[] {
  return [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name: name ?? "",
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(route: Route): JsonObject[] {
  if (route.query === null) return [];
  const schema = jsonSchema(route.query, "input");
  const required = (schema.required as string[] | undefined) ?? [];
  return Object.entries((schema.properties as { [name: string]: JsonObject } | undefined) ?? {}).map(
    ([name, property]) => ({ name, in: "query", required: required.includes(name), schema: tidied(property) }),
  );
}

function headerParameters(route: Route): JsonObject[] {
  if (route.method !== "POST" || route.idempotency === "none") return [];
  return [
    {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description: idempotencyTexts[route.idempotency],
      schema: { type: "string" },
    },
  ];
}

const again =
  "A request with the same key and body within 24 hours receives the first response again; another body receives a 409.";

const idempotencyTexts = {
  stored: again,
  own: again,
  secret:
    "A request with the same key within 24 hours receives a 409: the first response contained a secret, which is not stored. Each API key has idempotency keys of its own.",
} as const;

/** The schema for the document: named schemas appear once, below components. */
function schemaOf(schema: z.ZodType, io: "input" | "output", components: JsonObject): JsonObject {
  const { $defs, ...root } = jsonSchema(schema, io);
  for (const [name, definition] of Object.entries(($defs as JsonObject | undefined) ?? {})) {
    components[name] = tidied(definition);
  }
  return tidied(root) as JsonObject;
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonObject;
  return json;
}

// References point to components, so that zod's own ids of named schemas would only repeat their names. A format says the same as zod's
// pattern for it, in one word.
function tidied(value: Json): Json {
  if (Array.isArray(value)) return value.map(tidied);
  if (typeof value !== "object" || value === null) return value;
  const { anyOf, pattern, ...rest } = value;
  const isTime = rest.format === "date-time";
  const kept = {
    ...(isTime && { type: "string" }),
    ...rest,
    ...(anyOf !== undefined && !isTime && { anyOf }),
    ...(pattern !== undefined && !("format" in rest) && { pattern }),
  };
  const entries = Object.entries(kept)
    .filter(([key, member]) => !(key === "id" && typeof member === "string"))
    .map(([key, member]): [string, Json] =>
      key === "$ref" && typeof member === "string"
        ? [key, member.replace("#/$defs/", "#/components/schemas/")]
        : [key, tidied(member)],
    );
  return Object.fromEntries(entries);
}
