import { Engine } from "../delivery/engine.ts";
import type { RetryDefaults } from "../delivery/prepared-targets.ts";
import { Catalogue } from "../intake/catalogue.ts";
import { CatalogueReader } from "../intake/catalogue-reader.ts";
import { FanOutSteps } from "../intake/fan-out-steps.ts";
import { Intake } from "../intake/intake.ts";
import { OutboxDrain } from "../intake/outbox-drain.ts";
import { SchemaChecks } from "../intake/schemas/schema-checks.ts";
import { Upkeep } from "../upkeep/upkeep.ts";
import type { Foundations } from "./foundations.ts";

/** The part that accepts events and delivers them. */
export interface EnginePart extends AsyncDisposable {
  readonly intake: Intake;
  readonly catalogue: Catalogue;
  readonly catalogueReader: CatalogueReader;
  readonly checks: SchemaChecks;
  readonly engine: Engine;
  readonly retry: RetryDefaults;
  start(): Promise<void>;
}

export function openEngine(foundations: Foundations): EnginePart {
  const { config, machine, store, clock, reporter, origin, sandboxes, sender, mailer, userAgent } = foundations;
  const checks = new SchemaChecks(sandboxes.checks);
  const catalogue = new Catalogue(checks);
  const catalogueReader = new CatalogueReader({ store, catalogue, clock, reporter });
  const intake = new Intake({ store, catalogue, origin, reporter, reader: catalogueReader });
  const drain = new OutboxDrain(store, clock, reporter);
  const fanOuts = new FanOutSteps(store, clock, reporter);
  const retry = { delaysMs: config.retryDelaysMs, random: machine.random };
  const engine = new Engine({
    ...{ store, sender, mailer, clock, reporter, userAgent, retry },
    newId: origin.newId,
    cutOff: () => Promise.all([sender.destroy(), mailer.destroy()]),
  });
  const upkeep = new Upkeep(store, clock, reporter, { retentionMs: config.retentionMs, newId: origin.newId });
  let isStarted = false;
  return {
    ...{ intake, catalogue, catalogueReader, checks, engine, retry },
    start: async () => {
      isStarted = true;
      await catalogueReader.start();
      await engine.start();
      drain.start();
      fanOuts.start();
      upkeep.start();
    },
    [Symbol.asyncDispose]: async () => {
      if (!isStarted) return;
      const [handed] = await Promise.all([
        engine.stop(),
        drain.stop(),
        fanOuts.stop(),
        upkeep.stop(),
        catalogueReader.stop(),
      ]);
      reporter.stopped(handed);
    },
  };
}
