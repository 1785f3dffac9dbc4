/** One event of a story. */
export interface StoryEvent {
  readonly eventType: string;
  /** How long after the start of the story. */
  readonly atSeconds: number;
  /** Which of the story's sync jobs it is about; the first unless given. */
  readonly job?: number;
  /** Further fields of the event. */
  readonly says?: Readonly<Record<string, unknown>>;
}

export interface Story {
  readonly name: string;
  readonly description: string;
  readonly steps: readonly StoryEvent[];
}

const nothing = {
  entities_inserted: 0,
  entities_updated: 0,
  entities_deleted: 0,
  entities_skipped: 0,
  chunks_written: 0,
};
const firstCounts = { ...nothing, entities_inserted: 175, chunks_written: 640 };
const laterCounts = {
  ...nothing,
  entities_inserted: 4,
  entities_updated: 10,
  entities_skipped: 161,
  chunks_written: 52,
};

const connecting: readonly StoryEvent[] = [
  { eventType: "collection.created", atSeconds: 0 },
  { eventType: "source_connection.created", atSeconds: 48.3, says: { is_authenticated: false } },
  { eventType: "source_connection.auth_completed", atSeconds: 71.9, says: { is_authenticated: true } },
];

/** The start and the end of a job, which ends after so many seconds. */
function job(number: number, startSeconds: number, end: StoryEvent): StoryEvent[] {
  return [
    { eventType: "sync.pending", atSeconds: startSeconds, job: number },
    { eventType: "sync.running", atSeconds: startSeconds + 0.2, job: number },
    { ...end, atSeconds: startSeconds + end.atSeconds, job: number },
  ];
}

const dayS = 86_400;
const renamed = { collection_name: "Sales Data EMEA" };

/** The events about one collection, as a Weft would publish them. */
export const stories: readonly Story[] = [
  {
    name: "first-sync",
    description: "a collection is created, connected, and synced for the first time",
    steps: [...connecting, ...job(1, 72.1, { eventType: "sync.completed", atSeconds: 121.7, says: firstCounts })],
  },
  {
    name: "failed-sync",
    description: "a sync fails, and the next one succeeds",
    steps: [
      ...job(1, 0, {
        eventType: "sync.failed",
        atSeconds: 42.6,
        says: { error: "The source answered 503 for ten minutes" },
      }),
      ...job(2, 3_600, { eventType: "sync.completed", atSeconds: 64.4, says: laterCounts }),
    ],
  },
  {
    name: "reauth",
    description: "credentials expire, the connection is reauthenticated, and syncs succeed again",
    steps: [
      ...job(1, 0, { eventType: "sync.completed", atSeconds: 58.2, says: laterCounts }),
      ...job(2, 3_600, { eventType: "sync.failed", atSeconds: 1.4, says: { error: "Authentication token expired" } }),
      { eventType: "source_connection.auth_completed", atSeconds: 2.5 * 3_600, says: { is_authenticated: true } },
      ...job(3, 2.5 * 3_600 + 0.2, { eventType: "sync.completed", atSeconds: 66.8, says: laterCounts }),
    ],
  },
  {
    name: "lifecycle",
    description: "a collection from its creation to its deletion, with a sync that completes and one that is cancelled",
    steps: [
      ...connecting,
      ...job(1, 72.1, { eventType: "sync.completed", atSeconds: 121.7, says: firstCounts }),
      { eventType: "collection.updated", atSeconds: dayS, says: renamed },
      ...job(2, 1.1 * dayS, { eventType: "sync.cancelled", atSeconds: 17.5 }).map((step) => ({
        ...step,
        says: renamed,
      })),
      { eventType: "source_connection.deleted", atSeconds: 1.2 * dayS, says: { is_authenticated: false } },
      {
        eventType: "collection.deleted",
        atSeconds: 1.3 * dayS,
        says: { ...renamed, source_connection_ids: [] },
      },
    ],
  },
];
