import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The metrics of this process, in the Prometheus data model. `GET /metrics` returns them. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    messagesAccepted: new Counter({ name: "weft_messages_accepted_total", help: "Messages accepted.", registers }),
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
    stallSeconds: new Histogram({
      name: "weft_event_loop_stall_seconds",
      help: "Stalls of the event loop of more than a second. Its usual delay is nodejs_eventloop_lag_*_seconds.",
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
