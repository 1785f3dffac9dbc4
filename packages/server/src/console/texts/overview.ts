export const overview = {
  lead: "How deliveries go.",
  window: "Time",
  figures: {
    rate: "Attempts a second",
    rateNote: "In the last five minutes",
    waiting: "Waiting",
    retrying: "Due later",
    oldest: "Waiting longest",
    oldestNone: "Nothing waits",
    atLeast: (count: string) => `${count}+`,
  },
  attention: {
    title: "Needs attention",
    none: "Every subscription is well",
    columns: { url: "Endpoint", health: "Health", waiting: "Waiting" },
    all: "All subscriptions",
  },
  failures: {
    title: "Failed for good",
    none: "No message has failed for good",
    columns: { type: "Event type", at: "Accepted", deliveries: "Deliveries" },
    all: "All failed messages",
  },
} as const;
