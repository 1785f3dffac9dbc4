// Generates files from the code: openapi.json and openapi-svix.json from the schemas, the SDK's types, the receiver's events and their
// examples, the table of rights in docs/operate/security.md, the table of terms in docs/ARCHITECTURE.md, and the pages of docs/reference/
// that are lists, and the chart's copies of the files for monitoring. It reports mistakes in the OpenAPI documents. With --check it
// changes nothing, and fails when a file is out of date.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { glossaryFile, withGlossary } from "./generate-glossary.ts";
import { limitsFile, renderLimits } from "./generate-limits.ts";
import {
  commandsFile,
  errorsFile,
  eventsFile,
  metricsFile,
  renderCommands,
  renderErrors,
  renderEvents,
  renderMetrics,
} from "./generate-lists.ts";
import { mcpToolsFile, renderMcpTools } from "./generate-mcp-tools.ts";
import {
  receiverEventsFile,
  receiverExamplesFile,
  renderReceiverEvents,
  renderReceiverExamples,
} from "./generate-receiver-events.ts";
import { type OpenApi, type RestReference, renderRest } from "./generate-rest.ts";
import { rightsFile, svixRights, weftRights, withRights } from "./generate-rights.ts";
import { renderSdk, sdkFile } from "./generate-sdk.ts";
import { renderSettings, settingsFile } from "./generate-settings.ts";
import { mistakesIn } from "./lint-openapi.ts";
import { svixDocument } from "./src/api/svix/document.ts";
import { type SvixApiParts, svixRoutes } from "./src/api/svix/svix-api.ts";
import { apiRoutes, type WeftApiParts, weftDocument } from "./src/api/weft/weft-api.ts";
import { configurationJsonSchema } from "./src/cli/configuration/configuration-schema.ts";
import { Catalogue } from "./src/intake/catalogue.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };

// The routes are only described here and never called, so that they need nothing but the catalogue.
const parts = { catalogue: new Catalogue(null), origin: {}, version } as unknown as WeftApiParts & SvixApiParts;
const routes = apiRoutes(parts);
const openApi = weftDocument(routes, version);
const routesOfSvix = svixRoutes(parts);
const rights = [weftRights(routes), svixRights(routesOfSvix)];

const openApiOfSvix = svixDocument(routesOfSvix, version);
const reference = new URL("../../docs/reference/", import.meta.url);

const weftReference: RestReference = {
  title: "REST API",
  introduction:
    "The API of Weft is below `/v1`. Requests need an API key in the header `authorization: Bearer …` or `x-api-key`, except under `weft dev`. " +
    "[Errors](../errors.md) lists the codes of errors. Weft serves the same description as an OpenAPI document at `GET /openapi.json`.",
  folder: "rest",
  resourceOf: (path, tag) => (tag === "webhooks" ? (/^\/v1\/webhooks\/([\w-]+)/.exec(path)?.[1] ?? tag) : tag),
  examples: recordedExamples("weft.json"),
};

const svixReference: RestReference = {
  title: "API for Svix' SDKs",
  introduction:
    "The API for [Svix' SDKs](../../migrate/svix.md) is below `/api/v1`. Weft serves the same description as an OpenAPI document at `GET /api/v1/openapi.json`.",
  folder: "svix",
  resourceOf: (_path, tag) => tag,
  examples: recordedExamples("svix.json"),
};

const restPages = [
  ...pagesOf(weftReference, openApi as unknown as OpenApi),
  ...pagesOf(svixReference, openApiOfSvix as unknown as OpenApi),
];

const files: readonly [URL, string][] = [
  [new URL("../../openapi.json", import.meta.url), printed(openApi)],
  [new URL("../../openapi-svix.json", import.meta.url), printed(openApiOfSvix)],
  [sdkFile, renderSdk(openApi)],
  [receiverEventsFile, renderReceiverEvents()],
  [receiverExamplesFile, renderReceiverExamples()],
  [glossaryFile, withGlossary(readFileSync(glossaryFile, "utf8"))],
  [rightsFile, withRights(readFileSync(rightsFile, "utf8"), rights)],
  [settingsFile, renderSettings()],
  [limitsFile, renderLimits()],
  [commandsFile, renderCommands()],
  [metricsFile, renderMetrics()],
  [errorsFile, renderErrors()],
  [mcpToolsFile, renderMcpTools()],
  [eventsFile, renderEvents()],
  ...chartFiles(),
  [new URL("../../site/public/weft.schema.json", import.meta.url), printed(configurationJsonSchema())],
  ...restPages,
];

// A resource that no longer exists has no page.
const gone = [weftReference, svixReference].flatMap(({ folder }) => {
  const names = readdirSync(new URL(`${folder}/`, reference)).map((name) => new URL(`${folder}/${name}`, reference));
  return names.filter(({ href }) => !restPages.some(([page]) => page.href === href));
});

for (const [name, document] of [
  ["openapi.json", openApi],
  ["openapi-svix.json", openApiOfSvix],
] as const) {
  for (const mistake of await mistakesIn(document)) {
    process.stderr.write(`${name}: ${mistake}\n`);
    process.exitCode = 1;
  }
}

const stale = files.filter(([file, text]) => read(file) !== text);
if (!process.argv.includes("--check")) {
  for (const [file, text] of stale) writeFileSync(file, text);
  for (const file of gone) rmSync(file);
} else if (stale.length + gone.length > 0) {
  const named = [...stale.map(([file]) => file), ...gone].map(({ pathname }) => pathname);
  process.stderr.write(`Stale: ${named.join(", ")}. Run \`npm run generate\`.\n`);
  process.exitCode = 1;
}

/** The examples that `tests/api-examples` recorded. */
function recordedExamples(name: string): RestReference["examples"] {
  const file = new URL(`../../tests/api-examples/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as RestReference["examples"];
}

function pagesOf(description: RestReference, api: OpenApi): [URL, string][] {
  const folder = new URL(`${description.folder}/`, reference);
  mkdirSync(folder, { recursive: true });
  return [...renderRest(description, api)].map(([name, text]) => [new URL(name, folder), text]);
}

/** Helm reads only files in the folder of a chart. */
function chartFiles(): [URL, string][] {
  const deploy = new URL("../../deploy/", import.meta.url);
  return ["alerts.yaml", "grafana-dashboard.json"].map((name) => [
    new URL(`helm/weft/monitoring/${name}`, deploy),
    readFileSync(new URL(`monitoring/${name}`, deploy), "utf8"),
  ]);
}

function printed(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function read(file: URL): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
