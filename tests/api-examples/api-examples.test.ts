import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft } from "../../packages/server/src/api/svix/fixtures/svix-clients.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { ExampleRecorder } from "./recorder.ts";
import { StableValues } from "./stable-values.ts";
import { tourSvix } from "./svix-tour.ts";
import { tourWeft } from "./weft-tour.ts";

let weft: RunningWeft;
let receiver: Receiver;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-examples-"));
  [weft, receiver] = await Promise.all([startWeft({ WEFT_DIRECTORY_ROOTS: folder }), Receiver.start()]);
});

function stableValues(): StableValues {
  return new StableValues(
    new Map([
      [receiver.url(""), "https://app.example.com"],
      [weft.url, "https://weft.example.com"],
      [folder, "/srv"],
    ]),
  );
}

afterEach(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Operations whose requests or responses would not help a reader, or need a browser or a running listener. */
const withoutExample = {
  weft: [
    ...["getEventCatalogue", "getPublicEventCatalogue", "getOpenApi", "getMetrics", "getSettings", "stream"],
    ...["listenForDeliveries", "reportOutcomes", "openAuthorization", "completeAuthorization"],
    ...["beginSession", "endSession", "beginSignIn", "completeSignIn", "cancelSyncJob", "cancelBackgroundTask"],
    ...["pauseRecovery", "resumeRecovery", "cancelRecovery", "searchAgentic", "streamSearchAgentic"],
    ...["runSourceConnectionsOfCollection", "verifySourceConnectionOAuth", "reinitiateSourceConnectionOAuth"],
    ...["discoverSource", "listEntityDefinitionsOfSource"],
  ],
  svix: [
    ...["v1.openapi.get", "v1.authentication.logout", "v1.statistics.aggregate-app-stats"],
    ...["v1.message-attempt.list", "v1.message-attempt.list-by-endpoint-deprecated", "v1.endpoint.bulk-replay"],
    ...["v1.message.expunge-all-contents", "v1.message.bulk-expunge"],
    ...["v1.operational-webhook.endpoint.patch", "v1.operational-webhook.endpoint.patch-headers"],
  ],
};

test("the examples of the reference for the REST API are responses of Weft", async () => {
  const api = new ExampleRecorder(weft, adminKey, "openapi.json", stableValues());
  await tourWeft({ api, receiver, folder });
  await expect(api.json).toMatchFileSnapshot("weft.json");
  expect(api.missing.toSorted()).toEqual(withoutExample.weft.toSorted());
});

test("the examples of the reference for Svix' SDKs are responses of Weft", async () => {
  const api = new ExampleRecorder(weft, await organizationToken(), "openapi-svix.json", stableValues());
  await tourSvix({ api, receiver });
  await expect(api.json).toMatchFileSnapshot("svix.json");
  expect(api.missing.toSorted()).toEqual(withoutExample.svix.toSorted());
});
