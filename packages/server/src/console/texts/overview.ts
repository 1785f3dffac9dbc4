export const overview = {
  lead: "Delivery health at a glance.",
  window: "Time",
  figures: {
    rate: "Attempts per second",
    rateNote: "In the last five minutes",
    waiting: "Pending",
    retrying: "Scheduled retries",
    oldest: "Oldest pending",
    oldestNone: "None",
    atLeast: (count: string) => `${count}+`,
  },
  attention: {
    title: "Needs attention",
    none: "All subscriptions are healthy",
    columns: { url: "Endpoint", health: "Health", reason: "Reason", waiting: "Pending" },
    all: "All subscriptions",
  },
  failures: {
    title: "Failed messages",
    none: "No failed messages",
    columns: { type: "Event type", at: "Accepted", deliveries: "Deliveries" },
    all: "All failed messages",
  },
} as const;
