import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Deliveries may wait for days. */
const waitBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

/** The metrics of this process, in the Prometheus data model. `GET /metrics` returns them. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  // Each measurement of the event loop wakes an idle process.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1_000 });
  return {
    registry,
    messagesAccepted: new Counter({ name: "weft_messages_accepted_total", help: "Messages accepted.", registers }),
    publishSeconds: new Histogram({
      name: "weft_publish_seconds",
      help: "Durations of publishes, from the validated request to the commit of its messages.",
      buckets: secondsBuckets,
      registers,
    }),
    commitCommands: new Histogram({
      name: "weft_commit_commands",
      help: "Commands that were committed together.",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
      registers,
    }),
    queueSeconds: new Histogram({
      name: "weft_queue_seconds",
      help: "Times that deliveries waited for an attempt after it was due.",
      buckets: waitBuckets,
      registers,
    }),
    backlogAgeSeconds: new Histogram({
      name: "weft_backlog_age_seconds",
      help: "How long the oldest waiting delivery has been due, at each look for due deliveries; 0 without any.",
      buckets: waitBuckets,
      registers,
    }),
    backlogOldestSeconds: new Gauge({
      name: "weft_backlog_oldest_seconds",
      help: "How long the oldest waiting delivery had been due at the last look for due deliveries; 0 without any.",
      registers,
    }),
    attempts: new Counter({
      name: "weft_attempts_total",
      help: "Attempts by their outcome and the resulting state of the delivery.",
      labelNames: ["outcome", "became"] as const,
      registers,
    }),
    attemptSeconds: new Histogram({
      name: "weft_attempt_seconds",
      help: "Durations of attempts.",
      buckets: secondsBuckets,
      registers,
    }),
    deliveriesFailed: new Counter({
      name: "weft_unexpected_delivery_errors_total",
      help: "Attempts that an unexpected error ended before their request was sent.",
      registers,
    }),
    circuitsOpened: new Counter({
      name: "weft_circuits_opened_total",
      help: "Circuits that opened because an endpoint was down.",
      registers,
    }),
    proxyFailures: new Counter({
      name: "weft_outbound_proxy_failures_total",
      help: "Connections that the outbound proxy did not open.",
      registers,
    }),
    messagesArchived: new Counter({
      name: "weft_messages_archived_total",
      help: "Messages written to the archive and read back.",
      registers,
    }),
    archiveFailures: new Counter({
      name: "weft_archive_failures_total",
      help: "Runs that the archive ended because it could not be written or read back.",
      registers,
    }),
    lanesHeldBack: new Gauge({
      name: "weft_lanes_held_back",
      help: "Subscriptions that this node slows down or stops, by throttle state.",
      labelNames: ["state"] as const,
      registers,
    }),
    leasesLost: new Counter({
      name: "weft_leases_lost_total",
      help: "Attempts not recorded: the lease was lost.",
      registers,
    }),
    deliveriesRescued: new Counter({
      name: "weft_deliveries_rescued_total",
      help: "Deliveries taken over from dead nodes.",
      registers,
    }),
    requests: new Counter({
      name: "weft_requests_total",
      help: "API requests that got a response.",
      labelNames: ["method", "route", "status"] as const,
      registers,
    }),
    syncJobs: new Counter({
      name: "weft_sync_jobs_total",
      help: "Sync jobs finished, by their final status.",
      labelNames: ["status"] as const,
      registers,
    }),
    internalOperationsFailed: new Counter({
      name: "weft_internal_operations_failed_total",
      help: "Failures of internal operations.",
      registers,
    }),
    eventLoopDelaySeconds: new Histogram({
      name: "weft_event_loop_delay_seconds",
      help: "Delays of the event loop, measured ten times per second.",
      buckets: secondsBuckets,
      registers,
    }),
    telemetryDropped: new Counter({
      name: "weft_telemetry_dropped_total",
      help: "Spans and exports of metrics that did not reach the OpenTelemetry collector, by signal and reason.",
      labelNames: ["signal", "reason"] as const,
      registers,
    }),
    stallSeconds: new Histogram({
      name: "weft_event_loop_stall_seconds",
      help: "Stalls of the event loop of more than a second.",
      buckets: [1, 2, 5, 10, 30, 60],
      registers,
    }),
    unexpectedErrors: new Counter({
      name: "weft_unexpected_errors_total",
      help: "Unhandled errors. Each is in the log.",
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
