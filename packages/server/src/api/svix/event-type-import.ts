import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError, validationFailed } from "../../domain/errors.ts";
import { jsonExcess } from "../../domain/json-bounds.ts";
import { memberText, parsePrintable } from "../../domain/json-text.ts";
import { shownSchemas } from "../../event-types/schema-texts.ts";
import { jsonObject } from "../../http/caller-objects.ts";
import { excessMistake } from "../../http/request-body.ts";
import { type Route, route } from "../../http/route.ts";
import { namespaceOf } from "./application-in-path.ts";
import { type EventTypeParts, flagsOf } from "./event-types.ts";
import { type DescribedType, webhooksIn } from "./openapi-webhooks.ts";

const importRequest = z.object({
  spec: jsonObject().nullish().describe("An OpenAPI document."),
  specRaw: z.string().nullish().describe("An OpenAPI document as JSON text."),
  dryRun: z.boolean().default(false).describe("Reports the changes without making them."),
  replaceAll: z.boolean().default(false).describe("Archives the types that are not in the document."),
});

const describedResponse = z.object({
  name: z.string(),
  description: z.string(),
  deprecated: z.boolean(),
  schemas: z.record(z.string(), z.unknown()).nullable(),
  featureFlag: z.string().nullable(),
  featureFlags: z.array(z.string()).nullable(),
  groupName: z.string().nullable(),
});

const importResponse = z
  .object({
    data: z.object({
      modified: z.array(z.string()).describe("Types that were created, changed or archived."),
      to_modify: z
        .array(describedResponse)
        .optional()
        .describe("In a dry run: types that would be created or changed."),
    }),
  })
  .meta({ id: "EventTypeImportOpenApiOut" });

/** Event types are the entries of an OpenAPI document's `webhooks`, each with its key as the name. */
export function importEventTypesRoute({ store, eventTypes }: EventTypeParts): Route {
  return route({
    method: "POST",
    path: "/event-type/import/openapi",
    operation: "v1.event-type.import-openapi",
    tag: "Event Type",
    summary: "Define the event types that an OpenAPI document describes as webhooks",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    body: importRequest,
    bodyBounds: bodyBounds.document,
    response: importResponse,
    handle: async ({ caller, body, bodyText }) => {
      const namespace = await namespaceOf(store, caller);
      const { types: described, mistakes } = await webhooksIn(documentIn(body, bodyText), async (name, schema) => {
        const [mistake] = await eventTypes.schemaMistakes(namespace, name, { "1": schema }, []);
        return mistake?.msg ?? null;
      });
      if (mistakes.length > 0) {
        const part = typeof body.specRaw === "string" ? "specRaw" : "spec";
        throw validationFailed(mistakes.map(({ loc, ...mistake }) => ({ ...mistake, loc: ["body", part, ...loc] })));
      }
      const { changed, archived } = await eventTypes.import(namespace, described, {
        archivesOthers: body.replaceAll,
        isDryRun: body.dryRun,
      });
      if (body.dryRun) return { data: { modified: [], to_modify: changed.map(responseOf) } };
      return { data: { modified: [...changed, ...archived].map(({ name }) => name) } };
    },
  });
}

type JsonObject = Readonly<Record<string, unknown>>;

function documentIn({ spec, specRaw }: z.output<typeof importRequest>, bodyText: string): JsonObject {
  const isObject = spec !== undefined && spec !== null;
  const isText = typeof specRaw === "string";
  if (isObject === isText) throw new ApiError("bad_request", "Send either `spec` or `specRaw`, an OpenAPI document.");
  if (isObject) return parsePrintable(memberText(bodyText, "spec") ?? "{}") as JsonObject;
  const excess = jsonExcess(Buffer.from(specRaw ?? ""), bodyBounds.document);
  if (excess !== null)
    throw validationFailed([{ loc: ["body", "specRaw"], ...excessMistake(excess, bodyBounds.document) }]);
  try {
    const document = jsonObject().safeParse(parsePrintable(specRaw ?? ""));
    if (document.success) return document.data;
  } catch {
    // The media type is YAML in most cases; the error below says so.
  }
  const msg = "This is not a JSON object. Weft reads OpenAPI documents as JSON; convert one that is written in YAML.";
  throw validationFailed([{ loc: ["body", "specRaw"], msg, type: "value_error" }]);
}

function responseOf({ name, description, deprecated, schemas, featureFlag, groupName }: DescribedType) {
  const featureFlags = flagsOf({ featureFlag });
  return { name, description, deprecated, schemas: shownSchemas(schemas), featureFlag, featureFlags, groupName };
}
