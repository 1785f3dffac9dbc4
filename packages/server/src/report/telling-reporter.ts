import type { Logger } from "pino";
import { assertNever } from "../domain/assert-never.ts";
import type { AttemptOutcome } from "../domain/attempt.ts";
import { StoreUnavailableError } from "../domain/errors.ts";
import { holdBackStates } from "../domain/hold-back.ts";
import { maskUrls } from "../domain/masked-urls.ts";
import type { Metrics } from "./metrics.ts";
import type { Reporter } from "./reporter.ts";

const quietMs = 1_000;

/** Turns facts into log lines and metrics. Successes are debug lines: at full speed there are thousands a second. */
export function tellingReporter(log: Logger, metrics: Metrics, now: () => number): Reporter {
  let quietUntil = 0;
  let leftOut = 0;

  // While the database is away everything fails for the same reason, thousands of times a second: a line a second says it.
  function tellFailure(fact: object, error: unknown, message: string): void {
    if (!(error instanceof StoreUnavailableError)) {
      log.error({ ...fact, ...shownError(error) }, message);
    } else if (now() < quietUntil) {
      leftOut += 1;
    } else {
      log.error(
        { ...fact, error: maskUrls(error.message), ...(leftOut > 0 && { alikeSinceLastLine: leftOut }) },
        message,
      );
      quietUntil = now() + quietMs;
      leftOut = 0;
    }
  }

  return {
    started: (fact) => log.info(fact, "started"),
    stopping: (fact) => log.info(fact, "stopping"),
    stopped: (fact) => log.info(fact, "stopped"),
    requestAnswered(fact) {
      metrics.requests.inc({ method: fact.method, route: fact.route, status: fact.status });
      log.debug(fact, "request answered");
    },
    requestFailed: ({ error, ...fact }) => tellFailure(fact, error, "request failed"),
    messagesAccepted: ({ count }) => metrics.messagesAccepted.inc(count),
    attemptFinished({ outcome, ...fact }) {
      metrics.attempts.inc({ outcome: outcome.kind, became: fact.became });
      metrics.attemptSeconds.observe(fact.tookMs / 1000);
      const level = outcome.kind === "accepted" ? "debug" : "warn";
      if (log.isLevelEnabled(level)) log[level]({ ...fact, ...shownOutcome(outcome) }, "attempt finished");
    },
    circuitOpened(fact) {
      metrics.circuitsOpened.inc();
      log.warn(fact, "circuit opened");
    },
    circuitClosed: (fact) => log.info(fact, "circuit closed"),
    lanesHeldBack(counts) {
      for (const state of holdBackStates) metrics.lanesHeldBack.set({ state }, counts[state]);
    },
    nodeLeaseLost: (fact) => log.warn(fact, "node lease lost"),
    leaseLost(fact) {
      metrics.leasesLost.inc();
      log.warn(fact, "lease lost");
    },
    addressBlocked: (fact) => log.warn(fact, "address blocked"),
    deliveriesRescued({ count }) {
      metrics.deliveriesRescued.inc(count);
      log.info({ count }, "deliveries rescued");
    },
    messagesForgotten: (fact) => log.info(fact, "old messages forgotten"),
    secretsSealedAnew: (fact) => log.info(fact, "secrets sealed with the new master key"),
    syncJobFinished(fact) {
      metrics.syncJobs.inc({ status: fact.status });
      log.info(fact, "sync job finished");
    },
    choreFailed({ chore, error }) {
      metrics.choresFailed.inc();
      tellFailure({ chore }, error, "chore failed");
    },
  };
}

function shownOutcome(outcome: AttemptOutcome): object {
  switch (outcome.kind) {
    case "accepted":
    case "rejected":
      return { outcome: outcome.kind, status: outcome.status };
    case "unreachable":
      return { outcome: outcome.kind, reason: outcome.reason, detail: outcome.detail };
    default:
      return assertNever(outcome);
  }
}

/** The whole chain of causes: the outermost says what failed, the innermost why. */
function shownError(error: unknown): object {
  if (!(error instanceof Error)) return { error: maskUrls(String(error)) };
  const causes: string[] = [];
  for (let cause: unknown = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push(maskUrls(cause.message));
  }
  return {
    error: maskUrls(error.message),
    stack: maskUrls(error.stack ?? ""),
    ...(causes.length > 0 ? { causes } : {}),
  };
}
