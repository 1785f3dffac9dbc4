import { Archive } from "../archive/archive.ts";
import { Engine } from "../delivery/engine.ts";
import { McpEndings } from "../delivery/mcp-endings.ts";
import type { RetryDefaults } from "../delivery/prepared-targets.ts";
import { Catalogue } from "../intake/catalogue.ts";
import { CatalogueReader } from "../intake/catalogue-reader.ts";
import { FanOutSteps } from "../intake/fan-out-steps.ts";
import { Intake } from "../intake/intake.ts";
import { OrganizationNamespaces } from "../intake/organization-namespaces.ts";
import { OutboxDrain } from "../intake/outbox-drain.ts";
import { SchemaChecks } from "../intake/schemas/schema-checks.ts";
import { requestClientToken } from "../outbound/client-credentials.ts";
import { Expiry } from "../upkeep/expiry.ts";
import { Upkeep } from "../upkeep/upkeep.ts";
import type { Foundations } from "./foundations.ts";
import { offeredEvent } from "./offered-event.ts";

/** The part that accepts events and delivers them. */
export interface EnginePart extends AsyncDisposable {
  readonly intake: Intake;
  readonly catalogue: Catalogue;
  readonly catalogueReader: CatalogueReader;
  readonly namespaces: OrganizationNamespaces;
  readonly checks: SchemaChecks;
  readonly engine: Engine;
  readonly retry: RetryDefaults;
  start(): Promise<void>;
}

export function openEngine(foundations: Foundations): EnginePart {
  const { config, machine, store, clock, reporter, traces, origin, sandboxes, sender, mailer, userAgent, offered } =
    foundations;
  const { archiveStorage } = foundations;
  const checks = new SchemaChecks(sandboxes.checks);
  const catalogue = new Catalogue(checks);
  const namespaces = new OrganizationNamespaces(store);
  const catalogueReader = new CatalogueReader({ store, catalogue, clock, reporter });
  const intake = new Intake({
    ...{ store, catalogue, origin, reporter, traces, reader: catalogueReader, namespaces },
    elapsedMs: machine.elapsedMs,
    payloadBytesMax: config.payloadBytesMax,
  });
  const drain = new OutboxDrain(store, clock, reporter);
  const fanOuts = new FanOutSteps(store, clock, reporter);
  const retry = { delaysMs: config.retryDelaysMs, random: machine.random };
  const engine = new Engine({
    ...{ store, sender, mailer, clock, reporter, traces, userAgent, retry },
    newId: origin.newId,
    requestToken: (client, owner) => requestClientToken(offered.web, client, owner),
    cutOff: () => Promise.all([sender.destroy(), mailer.destroy()]),
  });
  const mcpEndings = new McpEndings({
    ...{ store, sender, clock, reporter, userAgent, newId: origin.newId, errorCodes: config.mcpErrorCodes },
    eventOf: (type) => offeredEvent(catalogue, type),
  });
  const archive = archiveStorage === null ? null : new Archive(archiveStorage);
  const upkeep = new Upkeep({
    ...{ store, clock, reporter, newId: origin.newId, retentionMs: config.retentionMs },
    isArchived: archive !== null,
    expiry: new Expiry({ store, clock, reporter, nodeId: engine.nodeId, settings: config, archive }),
  });
  let isStarted = false;
  return {
    ...{ intake, catalogue, catalogueReader, namespaces, checks, engine, retry },
    start: async () => {
      isStarted = true;
      await catalogueReader.start();
      await engine.start();
      drain.start();
      fanOuts.start();
      upkeep.start();
      mcpEndings.start();
    },
    [Symbol.asyncDispose]: async () => {
      if (!isStarted) return;
      const [handed] = await Promise.all([
        engine.stop(),
        drain.stop(),
        fanOuts.stop(),
        upkeep.stop(),
        mcpEndings.stop(),
        catalogueReader.stop(),
      ]);
      reporter.stopped(handed);
    },
  };
}
