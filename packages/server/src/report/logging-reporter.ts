import type { Logger } from "pino";
import { assertNever } from "../domain/assert-never.ts";
import type { AttemptOutcome } from "../domain/attempt.ts";
import { StoreUnavailableError } from "../domain/errors.ts";
import { maskUrls } from "../domain/masked-urls.ts";
import type { FinishedJob } from "../domain/sync-job.ts";
import { throttleStateNames } from "../domain/throttle-state.ts";
import { LineBudget } from "./line-budget.ts";
import type { Metrics } from "./metrics.ts";
import type { Reporter } from "./reporter.ts";

/** The limit for errors: one line per cause, and few causes, in ten seconds. */
const errorLimits = { windowMs: 10_000, perCauseMax: 1, totalMax: 20 };
/** The limit for facts about single endpoints: a failing one causes thousands per second. */
const endpointLimits = { windowMs: 1_000, perCauseMax: 2, totalMax: 50 };

type Level = "info" | "warn" | "error";

/** Turns facts into log lines and metrics. Successes are debug lines: at full speed there are thousands per second. */
export function loggingReporter(log: Logger, metrics: Metrics, now: () => number): Reporter {
  const budgets = new Map<string, LineBudget>();

  /** Writes a line about a frequent event. `cause` is the object of the event. */
  function write(level: Level, message: string, cause: string, fact: object): void {
    if (!log.isLevelEnabled(level)) return;
    const budget = budgets.get(message) ?? new LineBudget(level === "error" ? errorLimits : endpointLimits, now);
    budgets.set(message, budget);
    const line = budget.take(cause);
    if (line !== null) log[level](line.leftOut === 0 ? fact : { ...fact, linesLeftOut: line.leftOut }, message);
  }

  function writeError(message: string, fact: object, error: unknown): void {
    write("error", message, causeOf(error), { ...fact, ...shownError(error) });
  }

  return {
    started: (fact) => log.info(fact, "started"),
    stopping: (fact) => log.info(fact, "stopping"),
    stopped: (fact) => log.info(fact, "stopped"),
    responseSent(fact) {
      metrics.requests.inc({ method: fact.method, route: fact.route, status: fact.status });
      log.debug(fact, "request answered");
    },
    requestFailed: ({ error, ...fact }) => writeError("request failed", fact, error),
    messagesAccepted: ({ count }) => metrics.messagesAccepted.inc(count),
    published: ({ tookMs }) => metrics.publishSeconds.observe(tookMs / 1000),
    // Only traces show these facts.
    fannedOut: () => {},
    attemptsRecorded: () => {},
    committed: ({ commands }) => metrics.commitCommands.observe(commands),
    attemptFinished(fact) {
      const { delivery, attempt, outcome, became } = fact;
      metrics.attempts.inc({ outcome: outcome.kind, became });
      metrics.attemptSeconds.observe(attempt.durationMs / 1000);
      // The clocks of two nodes may differ slightly.
      metrics.queueSeconds.observe(Math.max(0, attempt.startedAt - delivery.dueAt) / 1000);
      if (outcome.kind !== "accepted") {
        write("warn", "attempt finished", delivery.subscriptionId, shownAttempt(fact));
      } else if (log.isLevelEnabled("debug")) {
        log.debug(shownAttempt(fact), "attempt finished");
      }
    },
    backlogObserved({ oldestMs }) {
      metrics.backlogAgeSeconds.observe(oldestMs / 1000);
      metrics.backlogOldestSeconds.set(oldestMs / 1000);
    },
    deliveryFailed({ error, ...fact }) {
      metrics.deliveriesFailed.inc();
      writeError("delivery failed", fact, error);
    },
    circuitOpened(fact) {
      metrics.circuitsOpened.inc();
      write("warn", "circuit opened", fact.subscriptionId, fact);
    },
    circuitClosed: (fact) => write("info", "circuit closed", fact.subscriptionId, fact),
    lanesHeldBack(counts) {
      for (const state of throttleStateNames) metrics.lanesHeldBack.set({ state }, counts[state]);
    },
    nodeLeaseLost: (fact) => log.warn(fact, "node lease lost"),
    primaryReplaced: (fact) => log.warn(fact, "primary replaced"),
    leaseLost(fact) {
      metrics.leasesLost.inc();
      write("warn", "lease lost", fact.subscriptionId, fact);
    },
    addressBlocked: (fact) => write("warn", "address blocked", fact.host, fact),
    signInFailed: (fact) => write("warn", "sign-in failed", fact.detail, fact),
    proxyFailed(fact) {
      metrics.proxyFailures.inc();
      write("warn", "outbound proxy failed", fact.detail, fact);
    },
    deliveriesRescued({ count }) {
      metrics.deliveriesRescued.inc(count);
      log.info({ count }, "deliveries rescued");
    },
    messagesForgotten: (fact) => log.info(fact, "old messages deleted"),
    messagesArchived(fact) {
      metrics.messagesArchived.inc(fact.messages);
      log.info(fact, "messages archived");
    },
    messagesExpired: (fact) => log.info(fact, "expired messages deleted"),
    archiveFailed({ error }) {
      metrics.archiveFailures.inc();
      writeError("archive failed", {}, error);
    },
    secretsSealedAnew: (fact) => log.info(fact, "secrets sealed with the new master key"),
    syncJobFinished({ job, problems, notes }) {
      const status = job.state;
      metrics.syncJobs.inc({ status });
      const error = job.state === "failed" ? job.error : null;
      write("info", "sync job finished", job.id, {
        jobId: job.id,
        status,
        tookMs: tookMsOf(job),
        error,
        problems,
        notes,
      });
    },
    internalOperationFailed({ operation, error }) {
      metrics.internalOperationsFailed.inc();
      writeError("internal operation failed", { operation }, error);
    },
    eventLoopDelayed: ({ delayMs }) => metrics.eventLoopDelaySeconds.observe(delayMs / 1000),
    telemetryDropped: ({ signal, reason, count }) => metrics.telemetryDropped.inc({ signal, reason }, count),
    eventLoopStalled(fact) {
      metrics.stallSeconds.observe(fact.stalledMs / 1000);
      write("error", "event loop stalled", fact.running[0] ?? "", fact);
    },
    unexpected({ error }) {
      metrics.unexpectedErrors.inc();
      writeError("unexpected error", {}, error);
    },
  };
}

/** Errors of one kind have one cause: numbers and ids in their messages are ignored. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return `${error.name} ${error.message.slice(0, 200).replaceAll(/[0-9a-f-]*\d[0-9a-f-]*/gi, "#")}`;
}

function shownAttempt({ attempt, outcome, became }: Parameters<Reporter["attemptFinished"]>[0]): object {
  const { messageId, subscriptionId, attemptNumber, durationMs: tookMs } = attempt;
  return { messageId, subscriptionId, attempt: attemptNumber, became, tookMs, ...shownOutcome(outcome) };
}

function tookMsOf({ startedAt, endedAt }: FinishedJob): number {
  return endedAt - (startedAt ?? endedAt);
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

/** The complete chain of causes: the outermost has the failed operation, the innermost the reason. */
function shownError(error: unknown): object {
  if (!(error instanceof Error)) return { error: maskUrls(String(error)) };
  // An outage has one cause, and its stack is not informative.
  if (error instanceof StoreUnavailableError) return { error: maskUrls(error.message) };
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
