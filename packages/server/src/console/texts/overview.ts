export const overview = {
  lead: "How deliveries go.",
  window: "Time",
  figures: {
    rate: "Attempts a second",
    rateNote: "In the last five minutes",
    waiting: "Waiting",
    retrying: "Of those, to be retried",
    oldest: "Waiting longest",
    oldestNone: "Nothing waits",
    dueSince: "Due",
    nextIn: "Next try",
    atLeast: (count: string) => `${count}+`,
  },
  attention: {
    title: "Needs attention",
    none: "Every subscription is well",
    noneYet: "No subscriptions yet",
    columns: { url: "Endpoint", health: "Health", reason: "Why", waiting: "Waiting", next: "Next try" },
    all: "All subscriptions",
  },
  failures: {
    title: "Failed for good",
    none: "No message has failed for good",
    columns: { type: "Event type", at: "Accepted", deliveries: "Deliveries" },
    all: "All failed messages",
  },
} as const;
