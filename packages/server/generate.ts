// Generates files from the schemas: openapi.json and openapi-svix.json, the SDK's types, the receiver's events and their examples, and from the
// routes the table of rights in docs/security.md. With --check it changes nothing, and fails when a file is out of date.

import { readFileSync, writeFileSync } from "node:fs";
import {
  receiverEventsFile,
  receiverExamplesFile,
  renderReceiverEvents,
  renderReceiverExamples,
} from "./generate-receiver-events.ts";
import { rightsFile, svixRights, weftRights, withRights } from "./generate-rights.ts";
import { renderSdk, sdkFile } from "./generate-sdk.ts";
import { svixDocument } from "./src/api/svix/document.ts";
import { type SvixApiParts, svixRoutes } from "./src/api/svix/svix-api.ts";
import { apiRoutes, type WeftApiParts, weftDocument } from "./src/api/weft/weft-api.ts";
import { Catalogue } from "./src/intake/catalogue.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };

// The routes are only described here and never called, so that they need nothing but the catalogue.
const parts = { catalogue: new Catalogue(null), origin: {}, version } as unknown as WeftApiParts & SvixApiParts;
const routes = apiRoutes(parts);
const openApi = weftDocument(routes, version);
const routesOfSvix = svixRoutes(parts);
const rights = [weftRights(routes), svixRights(routesOfSvix)];

const files: readonly [URL, string][] = [
  [new URL("../../openapi.json", import.meta.url), printed(openApi)],
  [new URL("../../openapi-svix.json", import.meta.url), printed(svixDocument(routesOfSvix, version))],
  [sdkFile, renderSdk(openApi)],
  [receiverEventsFile, renderReceiverEvents()],
  [receiverExamplesFile, renderReceiverExamples()],
  [rightsFile, withRights(readFileSync(rightsFile, "utf8"), rights)],
];

const stale = files.filter(([file, text]) => read(file) !== text);
if (!process.argv.includes("--check")) {
  for (const [file, text] of stale) writeFileSync(file, text);
} else if (stale.length > 0) {
  process.stderr.write(`Stale: ${stale.map(([file]) => file.pathname).join(", ")}. Run \`npm run generate\`.\n`);
  process.exitCode = 1;
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
