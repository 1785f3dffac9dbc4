import type { JsonBounds } from "./json-bounds.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Every bound that Weft keeps, in one place. Settings of the operator are in config.ts. */
export const limits = {
  /** Body of one API request. A batch of events may fill all of it; `bodyBounds` has what other routes take. */
  requestBodyBytesMax: 2 * 1024 * 1024,
  /** Mistakes that one response lists, and how much of the caller's own text each of its parts repeats. */
  mistakesMax: 50,
  mistakeStepsMax: 32,
  mistakeTextLengthMax: 256,
  errorTextLengthMax: 1_024,
  /**
   * Bytes of requests and responses that one organization keeps in a node's memory: bodies that are coming in, and responses
   * that wait until the peer reads them.
   */
  organizationBytesUnderWayMax: 64 * 1024 * 1024,
  /** The same of callers without a key, by address and together; and of all callers together. */
  addressBytesUnderWayMax: 8 * 1024 * 1024,
  anonymousBytesUnderWayMax: 32 * 1024 * 1024,
  nodeBytesUnderWayMax: 256 * 1024 * 1024,
  /** Work on so many bytes (parsing a body, telling the readers of streams) takes turns of the event loop, so many bytes in each. */
  workAtOnceBytesMax: 4 * 1024,
  workPerTurnBytes: 256 * 1024,
  /** How long a write of a response waits until its peer has taken it, and how often that is looked at. */
  responseStalledMsMax: minute,
  responseLookMs: 5_000,
  /** Smaller responses are not counted: a socket's own memory is as large. */
  bytesUnderWayCountedFrom: 8 * 1024,
  /** Until all of a request has come in; looked at every half minute. */
  requestMsMax: minute,
  /** Payload of one event, in bytes of UTF-8. */
  payloadBytesMax: 256 * 1024,
  eventsPerBatchMax: 1_000,
  /** Event types that an operator defines; every node knows them all. */
  eventTypesMax: 10_000,
  /** Events published inside an application's transaction that one commit takes in. */
  outboxTakenMax: 128,
  /** Subscriptions that one commit matches messages with, of all organizations and of one. Further fan-outs follow. */
  fanOutPerCommitMax: 1_000,
  fanOutPerOrganizationAndCommitMax: 500,
  /** Subscriptions that a commit matches waiting messages with, beside the new ones. */
  fanOutPerStepMax: 250,
  /** Organizations whose waiting fan-outs one commit advances, and the payloads that it reads for one of them. */
  fanOutOrganizationsPerStep: 8,
  fanOutPayloadLengthMax: 4 * 1024 * 1024,
  /** Messages that one commit accepts, and the characters of their payloads. One request may have more. */
  messagesPerCommitMax: 1_000,
  payloadLengthPerCommitMax: 8 * 1024 * 1024,
  /** The bytes of the payloads that one commit hands to this node's engine. */
  handedOverBytesPerCommitMax: 8 * 1024 * 1024,
  /** JSON Schemas of one event type: their number, and the bytes, levels and values of each as JSON. */
  schemaVersionsMax: 100,
  schemaBytesMax: 256 * 1024,
  schemaDepthMax: 64,
  schemaValuesMax: 10_000,
  /** JSON Schemas of all event types together, in bytes. */
  eventTypeSchemasBytesMax: 16 * 1024 * 1024,
  /** A regular expression in a schema: its characters, and its steps with the repetitions written out. */
  schemaPatternLengthMax: 2_048,
  schemaPatternSizeMax: 10_000,
  /** Compiling one schema, and checking one payload against it. */
  schemaCheckMs: 2_000,
  schemaCheckHeapMegabytes: 192,
  /** Checks of one organization that wait for a process. */
  schemaChecksWaitingMax: 5_000,
  /** Processes of one sandbox, and how long one without work stays. */
  sandboxProcessesMax: 4,
  sandboxIdleMs: minute,
  /** Compiled schemas that a process keeps, and the bytes of their texts. */
  compiledSchemasMax: 200,
  compiledSchemasBytesMax: 2 * 1024 * 1024,
  /** Mistakes that are told of one payload, and the length of each. */
  payloadMistakesMax: 50,
  mistakeLengthMax: 500,
  eventIdLengthMax: 256,
  idempotencyKeyLengthMax: 256,
  idempotencyKeptMs: day,
  /** After this, a request that never finished (its process died) no longer holds its idempotency key. */
  idempotencyUnfinishedMs: minute,

  /** Calls a second, where the operator sets a limit. */
  apiRateLimitMax: 1_000_000,
  /** Of one organization, where the operator sets no other limit; and the most that can be set. Listeners are subscriptions. */
  subscriptionsPerOrganizationDefault: 500,
  sourceConnectionsPerOrganizationDefault: 500,
  thingsPerOrganizationMax: 1_000_000,

  urlLengthMax: 2_083,
  descriptionLengthMax: 1_024,
  eventTypesPerSubscriptionMax: 100,
  filterFieldsMax: 20,
  filterValuesMax: 100,
  /** Characters of a string, digits of a number. */
  filterValueLengthMax: 1_024,
  /** Powers of ten that a number's digits are multiplied with, up or down. */
  filterExponentMax: 1_000_000_000,
  /** Characters of a value that differs from a filter, as they are shown. */
  filterShownLengthMax: 256,
  /** The template of a notice, and the names in the path of one of its fields. */
  templateLengthMax: 4_000,
  templatePathNamesMax: 16,
  headersMax: 50,
  headerNameLengthMax: 128,
  headerValueBytesMax: 4_096,
  /** In `/v1` the documents' own example has 21 bytes and must work. Below 16 bytes an HMAC key can be guessed. */
  secretBytesMin: 16,
  /** `/api/v1` refuses shorter secrets, as Svix does. */
  svixSecretBytesMin: 24,
  secretBytesMax: 75,
  secretLengthMin: 24,
  secretsLiveMax: 10,
  /** Until every node signs with what has changed. */
  changesHeardMsMax: 5_000,
  secretOverlapMs: day,
  secretOverlapMsMax: 7 * day,
  keyOverlapMsMax: 7 * day,
  retryScheduleStepsMax: 20,
  retryDelayMsMax: 7 * day,

  pageDefault: 50,
  pageMax: 250,
  /** A page of a list ends before what would make it larger; the first thing on it may be larger by itself. */
  pageBytesMax: 1024 * 1024,
  /** Things that are read at a time for a page, and of those that may be very large. */
  pageStep: 32,
  pageStepOfLarge: 4,
  /** Rows that a list looks at for one page; then it answers what it has found, and where to go on. */
  examinedForPageMax: 10_000,
  /** Deleted subscriptions that are looked at for a part of a list. */
  deletedSubscriptionsExaminedMax: 1_000,
  /** Messages whose payloads are looked into for one page, and the characters in them. */
  payloadsExaminedForPageMax: 2_000,
  payloadLengthExaminedForPageMax: 16 * 1024 * 1024,
  payloadFieldsMax: 3,
  /** Values of a query parameter that may be repeated: a list looks into an index for each. */
  repeatedMax: 100,
  /** Subscriptions whose waiting deliveries are looked at one by one for a list of messages. */
  lanesPerListMax: 100,
  /** Attempts of a subscription through which its messages are found; with more, they are looked for among all. */
  attemptsOfRareMax: 2_000,
  attemptsInSubscriptionMax: 100,
  attemptsInMessageMax: 250,

  /** Statistics by the minute reach back so far; older ones are by the hour. */
  statsMinutesKeptMs: 2 * day,
  statsStepMsMax: 366 * day,
  /** Steps of one answer. */
  statsBucketsMax: 1_000,
  statsWindowMsDefault: day,
  /** The time for which an endpoint's attempts are counted at most. */
  statsWindowMsMax: 28 * day,
  statsWindowSlackMs: 5 * minute,
  /** Attempts that one question counts: some milliseconds of a reader's time. */
  attemptsCountedAtOnce: 20_000,
  /** Attempts that one answer counts anew. */
  attemptsCountedMax: 5_000_000,
  /** No attempt is stored so long after it was made. */
  attemptsSettledMs: hour,
  /** Stretches of attempts whose numbers are kept in memory, of all endpoints together. */
  stretchesRememberedMax: 20_000,
  /** Subscriptions that are looked at for a backlog, and those of them that are named. */
  backlogLanesMax: 500,
  backlogSubscriptionsMax: 50,
  /** Waiting deliveries that are counted of one subscription and kind, and of all subscriptions. */
  backlogOfSubscriptionMax: 10_000,
  backlogCountedMax: 200_000,
  /** Messages that are looked at to say what a recovery would do. */
  previewedMessagesMax: 50_000,
  /** The same for all subscriptions of a recovery by filter together. */
  filteredPreviewMessagesMax: 200_000,
  /** Bytes of payloads that filters have to see for that. */
  previewedPayloadBytesMax: 64 * 1024 * 1024,
  /** Deliveries that wait or were set aside are counted so far and no further. */
  deliveriesCountedMax: 100_000,

  /** With less room on the disk of the database, a node is not ready for events. */
  diskFreeBytesMin: 8 * 1024 * 1024,

  endpointCheckMs: 5_000,
  responseBytesReadMax: 64 * 1024,
  responseBytesKept: 16 * 1024,
  retryAfterMsMax: 2 * hour,
  /** Share of each delay that is drawn at random, so that retries of one outage do not come back together. */
  retryJitter: 0.1,
  failingMsUntilDisabled: 5 * day,
  recoveryWindowSlackMs: 5 * minute,
  /** Recoveries of one subscription that run at the same time, or wait for each other. */
  recoveriesRunningMax: 50,
  /** Subscriptions and messages that a recovery may name. */
  recoverySubscriptionIdsMax: 250,
  /** Subscriptions that one request recovers. */
  recoverySubscriptionsMax: 1_000,
  recoveryMessageIdsMax: 1_000,
  recoveryStepDeliveries: 200,
  recoveryStepMessagesScanned: 2_000,
  /** Messages that one step counts, and bytes of payloads that filters have to see in it. */
  recoveryStepMessagesCounted: 20_000,
  recoveryStepPayloadBytesMax: 8 * 1024 * 1024,
  /** Deliveries of a recovery whose outcomes are counted for an answer. */
  recoveryOutcomesCountedMax: 10_000,
  /** Messages that one step of another task looks at, in one commit. */
  taskStepMessages: 500,
  /** Organizations that one survey looks at. */
  surveyedMax: 10_000,
  /** Organizations that are named one by one for a survey. */
  surveyNamedMax: 1_000,

  /** Requests under way to one subscription: at first, and once it has proved itself. */
  laneConcurrencyFirst: 8,
  laneConcurrencyMax: 64,
  /** So many failures in a row, over so long a time, open a lane's circuit: a restart of the endpoint does not. */
  circuitFailures: 10,
  circuitFailingMs: 30_000,
  /** How long a circuit stays open before its first trial, and at most after trials that failed. */
  circuitOpenMsFirst: 5_000,
  circuitOpenMsMax: 5 * minute,
  /** How long a delivery rests that could not be made because the database is away. */
  failedDeliveryRestMs: 1_000,
  /** Deliveries a second, where somebody asks for a limit. */
  rateLimitMax: 65_535,
  /** Requests a second to an endpoint that refuses all of them. */
  throttledPerSecondMin: 2,
  /** How often at most a lane with a rate limit claims what the limit allows by then. */
  rateClaimMs: 50,
  /** How often a node looks which lanes are held back, and stores what changed. */
  throttleStatesLookMs: 2_000,
  /** Deliveries that one commit hands to one lane; the lane's own bound is in domain/lane.ts. */
  laneHandedOverMax: 256,
  /** Deliveries held in memory by one node, and the bytes of their payloads. */
  nodeHeldMax: 20_000,
  nodeHeldBytesMax: 128 * 1024 * 1024,
  /**
   * The share of one organization. When it is used up, the organization's deliveries wait in the database. The last
   * commit before that may exceed it by the deliveries that it makes.
   */
  organizationHeldMax: 5_000,
  organizationHeldBytesMax: 32 * 1024 * 1024,
  /** Requests under way from one node, in all and of one organization. */
  nodeConcurrencyMax: 2_000,
  organizationConcurrencyMax: 1_000,
  /** Requests that a node starts in one turn of its event loop. */
  startsPerTurnMax: 40,
  /** Due deliveries that one commit claims. */
  claimedPerCommitMax: 250,
  /** A node that has not been heard of for this long is dead, and its deliveries are due again. */
  nodeLeaseMs: 12_000,
  /** A dead node is remembered for longer than any commit that it had begun could take. */
  nodeRememberedMs: hour,
  shutdownMs: 10_000,
  /** How long a server that closes waits for its last requests. */
  serverCloseMs: 5_000,
  /** The last outcomes, and requests that a shutdown cuts off, are recorded within this time. */
  cutOffMs: 5_000,

  /** A listener's connection that has not been heard of for so long is gone, and what it held is due again. */
  listenerLeaseMs: 15_000,
  listenerBeatMs: 5_000,
  /** From one look for deliveries to the next, at least; and at most, for what nobody told it of. */
  listenerRestMs: 20,
  listenerLookMs: 500,
  /** How often it is stored that a listener lives. */
  listenerHeardEveryMs: minute,
  /** Deliveries that one connection holds, and that one commit claims for it. */
  listenerHeldMax: 100,
  listenerClaimMax: 20,
  /** Connections of listeners at one node, and of these of one organization. */
  listenersPerNodeMax: 500,
  listenersPerOrganizationMax: 20,
  /** A listener that has not been heard of for so long ends. */
  listenerQuietMsMax: hour,
  listenerNameLengthMax: 64,
  /** What a listener tells in one call. */
  outcomesPerCallMax: 50,
  /** An answer on a listener's machine may take longer than any: somebody may be looking at it in a debugger. */
  outcomeDurationMsMax: hour,

  /** How long the audit log keeps what somebody changed, and how much of it. */
  auditKeptMs: 400 * day,
  auditFieldsMax: 50,
  /** Calls that are alike within this time have one entry together, beside that of the first. */
  auditSpanMs: 5 * minute,
  /** What a node tells apart of one kind in an organization within that time, and of all together. */
  auditTalliesPerKindMax: 20,
  auditTalliesMax: 5_000,
  auditTextLengthMax: 1_024,

  /** How long a stream may be away and go on without a gap. */
  streamKeptMs: day,
  /** What streams are read from is kept longer by this, so that none loses what it is about to read. */
  streamKeptMsMore: hour,
  /** Streams open at one node, and of these of one organization. */
  streamsPerNodeMax: 2_000,
  streamsPerOrganizationMax: 100,
  /** What may wait for one reader, in bytes, and for how long he may take none of it. */
  streamBytesWaitingMax: 1024 * 1024,
  streamStalledMs: 10_000,
  /** How long a reader has for the last event. */
  streamFarewellMs: 5_000,
  /** Batches of changes that a node keeps for readers who are a little behind, in bytes for each organization. */
  streamFeedBytesMax: 4 * 1024 * 1024,
  /** Entries of the log that are read at a time, and where messages come with payloads. */
  changeLogEntriesAtOnce: 10,
  changeLogEntriesWithPayloads: 2,
  /** From one look at the log to the next, at least; and at most, for what other nodes commit. */
  streamRestMs: 50,
  streamLookMs: 500,
  /** How often a silent stream gives a sign of life, and how often it is looked whether its caller may still have it. */
  streamBeatMs: 15_000,
  streamCheckMs: 5_000,
  /** From one event of a running sync job to the next. */
  streamJobRestMs: 1_000,
  /** How long readers are asked to wait before they come back. */
  streamRetryMs: 1_000,
  lastEventIdLengthMax: 8_192,
  /** Changes in one entry of the log that streams are read from. */
  changeLogEntryChangesMax: 50,

  collectionNameLengthMin: 4,
  collectionNameLengthMax: 64,
  readableIdLengthMax: 80,
  nameLengthMax: 255,
  /** A name that a caller gives a thing, such as an event type. */
  uidLengthMax: 256,
  /** Channels of one message or one endpoint. */
  channelsMax: 100,
  tagsMax: 100,
  tagLengthMax: 256,
  contentTypeLengthMax: 256,
  /** How far ahead a message's first attempts may be asked for. */
  deliverAtMsMax: day,
  /** Metadata of one thing, as JSON. */
  metadataBytesMax: 4_096,
  metadataKeysMax: 1_000,
  /** How long a browser's session lives. */
  sessionMs: 12 * hour,
  /** Wrong keys a second from one address, and with one beginning, that a node calls wrong; for more it returns a 429. */
  wrongKeysPerSecondMax: 20,
  /** Addresses and beginnings whose wrong keys a node counts. */
  wrongKeyCountersMax: 20_000,
  /** How long a link to the console of one organization may live. */
  portalSessionMsMin: minute,
  portalSessionMsMax: hour,
  /** Until when a token that a platform signed itself may last (Unix ms): the end of the year 9999. */
  tokenExpiryMsMax: 253_402_300_799_999,
  /** How long a token for an application's own people may live. */
  portalAccessMsMin: hour,
  portalAccessMsMax: 7 * day,
  /** Feature flags in one token, in characters together: a request's headers have 16 KiB in all. */
  portalFlagsLengthMax: 4_096,
  /** Sessions whose tokens are ended in one call. */
  revokedSessionsMax: 1_000,
  /** JSON Schemas that one import of event types brings, in bytes: what is shared is stored with each type. */
  importedSchemasBytesMax: 16 * 1024 * 1024,
  entityTextBytesMax: 1024 * 1024,
  searchQueryLengthMax: 1_024,
  searchResultsMax: 100,

  collectionsPageDefault: 100,
  collectionsPageMax: 1_000,
  /** All of them are named in the one event that tells of a collection's deletion. */
  connectionsPerCollectionMax: 1_000,
  syncConfigBytesMax: 16 * 1024,
  sourceConfigBytesMax: 64 * 1024,
  credentialsBytesMax: 64 * 1024,
  /** From where a source goes on reading, as it keeps it. */
  sourceCursorBytesMax: 64 * 1024,
  patternsMax: 100,
  patternLengthMax: 512,
  pathLengthMax: 4_096,
  entityIdLengthMax: 1_024,
  entityTypeLengthMax: 64,
  entitiesPerConnectionMax: 1_000_000,
  /** Entities and bytes of text that one commit of a sync takes, so that it holds up no event. */
  syncBatchEntitiesMax: 64,
  syncBatchTextBytesMax: 128 * 1024,
  /** Parts of a chunk: words of at most `chunkWordLengthMax` characters. */
  chunkWordsMax: 200,
  chunkWordLengthMax: 32,
  /** Text that is split into chunks in one turn of the event loop. */
  chunkSliceLengthMax: 64 * 1024,
  /** Alternatives in the braces of a connection's globs. */
  globAlternativesMax: 1_000,
  /** Paths that are matched with globs in one run, and for how long. */
  pathsMatchedAtOnce: 5_000,
  pathsMatchMs: 10_000,
  directoryFilesMax: 500_000,
  directoryFoldersMax: 200_000,
  directoryFileBytesDefault: 1024 * 1024,
  /** Files of a repository, whether they are wanted or not. */
  gitFilesMax: 1_000_000,
  /** Their paths together. */
  gitPathBytesMax: 64 * 1024 * 1024,
  /** What one job fetches of a repository. */
  gitFetchedBytesMax: 1024 * 1024 * 1024,
  /** Address space of one run of git. */
  gitMemoryBytesMax: 2 * 1024 * 1024 * 1024,
  /** One exchange with a repository's host. */
  gitExchangeMs: 30 * minute,
  /** Repositories that one node reads at a time. */
  gitJobsAtOnceMax: 4,
  knownHostsLengthMax: 16 * 1024,
  /** Of a database that is read: tables of one connection, columns of one setting. */
  sourceTablesMax: 100,
  sourceColumnsMax: 1_600,
  sourceQueryLengthMax: 16 * 1024,
  certificatesLengthMax: 32 * 1024,
  fullReadHoursMax: 24 * 365,
  postgresConnectMs: 15_000,
  postgresStatementMs: 10 * minute,
  /** Rows that are asked for at a time, each with a text of at most `entityTextBytesMax`. */
  postgresRowsPerStep: 64,
  /** A row as it is sent: its text, its key and its cursor. */
  postgresRowBytesMax: 2 * 1024 * 1024,
  /** Rows that have come and were not taken yet; further ones wait on the socket. */
  postgresRowBytesWaiting: 1024 * 1024,
  /** What the database says of its tables in one result, and its notices and the like during one question. */
  postgresKeptBytesMax: 4 * 1024 * 1024,
  postgresOtherBytesMax: 512 * 1024,
  /** Addresses of the database's host that are tried. */
  postgresAddressesMax: 4,
  /** Until a database that was said goodbye to has closed the connection. */
  postgresEndMs: 1_000,
  /** One exchange with a site or an API that is read, and how often it is tried again. */
  sourceExchangeMs: minute,
  sourceRetriesMax: 3,
  /** The longest that a busy host may ask a source to wait before the next try. */
  sourceRetryAfterMsMax: minute,
  webPageBytesMax: 4 * 1024 * 1024,
  webSitemapBytesMax: 10 * 1024 * 1024,
  /** RFC 9309 asks for at least 500 KiB. */
  webRobotsBytesMax: 512 * 1024,
  webPagesDefault: 1_000,
  webPagesMax: 20_000,
  webDepthDefault: 10,
  webDepthMax: 100,
  webRedirectsMax: 5,
  webSitemapsMax: 1_000,
  /** Tags of a page that say what it asks of robots; further ones are not looked at. */
  webRobotsTagsMax: 10,
  webLinksPerPageMax: 2_000,
  /** Addresses of one site that are known at a time, read or not. */
  webLinksMax: 200_000,
  webCrawlDelayMsMax: 10_000,
  /** What is done with one page outside the event loop: parsing it, and turning it into text. */
  webPageThoughtMs: 10_000,
  webPageHeapMegabytes: 256,
  /** Pages of one job that take too long, or too much memory; then the site is given up. */
  webPagesUnparsableMax: 5,
  /** Pages in a row that cannot be read just now, after which the site is taken to be down. */
  webFailuresInRowMax: 10,
  /** The longest wait for a rate limit: GitHub's own is over within an hour. */
  githubWaitMsMax: 65 * minute,
  /** Waits in a row for one request. */
  githubWaitsMax: 5,
  githubAnswerBytesMax: 16 * 1024 * 1024,
  /** Reading the JSON of one answer outside the event loop. */
  githubAnswerMs: 10_000,
  /** Files of one tree; GitHub itself lists no more than about as many entries. */
  githubTreeFilesMax: 120_000,
  /** Files that match, each of which takes a request. */
  githubFilesMax: 20_000,
  /** Sync jobs under way on one node; further ones wait as pending. */
  syncJobsPerNodeMax: 16,
  /** Of these, of one organization: the others' jobs find room whatever it runs. */
  syncJobsPerOrganizationMax: 12,
  /** A connection whose next sync has been due for so long holds what is too old. */
  staleAfterMs: hour,
  syncJobMsMax: day,
  /** A source that was asked for so long and has given nothing is stuck, unless its definition allows it more. */
  sourceSilentMsMax: 15 * minute,
  /** A source that was not to be had is read again after each of these, and no more. */
  sourceRetryDelaysMs: [1_000, 5_000, 30_000, 2 * minute, 5 * minute],
  /** How long a job waits for its source in all. */
  sourceRetryMsMax: 15 * minute,
  /** Failed entities that a job knows by id, so that one that comes twice counts once. */
  failedEntitiesRememberedMax: 10_000,
  syncJobErrorLengthMax: 1_000,
  syncJobsKeptPerConnectionMax: 1_000,
  /** How often a node looks for pending jobs that nobody told it of. */
  syncJobsLookMs: 5_000,
  /** Connections that one node watches for changes. */
  watchedConnectionsMax: 1_000,
  /** From a change to the job for it, so that changes that come together share one. */
  watchRestMs: 1_000,
  /** Between the jobs of one watched connection. */
  watchFloorMs: 10_000,
  /** How often a folder is looked at that cannot be watched. */
  watchLookMs: minute,
  /** How long a deletion waits for a running job to stop before it ends the job itself. */
  syncJobStopMs: 5_000,
  deletedChunksPerStepMax: 200,
  /** Names that are looked up at a time, and of these for one organization; further ones wait. */
  nameLookUpsMax: 512,
  nameLookUpsOfOrganizationMax: 16,
  nameLookUpsWaitingMax: 5_000,
  /** For one name, whatever its servers do. */
  nameLookUpMs: 10_000,
  /** How long the addresses of a name are kept, by what its servers say, and that it has none. */
  nameKeptMsMin: 1_000,
  nameKeptMsMax: 30_000,
  nameFailureKeptMs: 2_000,
  namesRememberedMax: 10_000,
  /** How long the URL that begins an authorization can be opened, and how long a person may then stay at the provider. */
  authorizationUrlMs: 5 * minute,
  authorizationStayMs: 15 * minute,
  /** So long it is told apart whether one was used, has expired, or never was. */
  authorizationsKeptMs: day,
  /** An access token with less time left is renewed before it is used. */
  tokenLeftMsMin: minute,
  /** How long whoever renews a connection's tokens has it for himself: longer than the provider may take to answer. */
  tokenRenewalMs: minute,
  providerAnswerMs: 15_000,
  providerAnswerBytesMax: 256 * 1024,
  /** An answer of a source's API. */
  sourceAnswerBytesMax: 16 * 1024 * 1024,
  searchTermsMax: 32,
  searchResultsDefault: 10,
  searchOffsetMax: 10_000,
  searchSnippetLengthMax: 240,
} as const;

const kibibyte = 1024;

/** What the body of a request may be. */
export interface BodyBounds extends JsonBounds {
  readonly bytesMax: number;
}

/**
 * What the bodies of requests may be, by the kind of route. They are checked on the raw bytes, before anything is parsed. A
 * string is measured as it is written: with escapes it is up to six times as long as the text that it stands for.
 */
export const bodyBounds = {
  /** Routes that take no body; clients may send an empty object. */
  none: { bytesMax: kibibyte, depthMax: 2, itemsMax: 16, stringBytesMax: kibibyte },
  /** A key that begins a session. */
  key: { bytesMax: 8 * kibibyte, depthMax: 4, itemsMax: 32, stringBytesMax: 8 * kibibyte },
  /** A few fields. */
  fields: { bytesMax: 64 * kibibyte, depthMax: 8, itemsMax: 1_000, stringBytesMax: 32 * kibibyte },
  /** Settings of a thing: filters, headers, a source's configuration. */
  settings: { bytesMax: 512 * kibibyte, depthMax: 64, itemsMax: 10_000, stringBytesMax: 384 * kibibyte },
  /** The schemas of one event type. */
  schemas: { bytesMax: 1_024 * kibibyte, depthMax: 128, itemsMax: 50_000, stringBytesMax: 64 * kibibyte },
  /** An OpenAPI document, as JSON or as a text of it. */
  document: {
    bytesMax: limits.requestBodyBytesMax,
    depthMax: 128,
    itemsMax: 100_000,
    stringBytesMax: limits.requestBodyBytesMax,
  },
  /** Texts that programs report, such as the responses that a listener got. */
  texts: {
    bytesMax: limits.requestBodyBytesMax,
    depthMax: 8,
    itemsMax: 1_000,
    stringBytesMax: limits.requestBodyBytesMax,
  },
  /** Events with their payloads. */
  events: {
    bytesMax: limits.requestBodyBytesMax,
    depthMax: 512,
    itemsMax: 100_000,
    stringBytesMax: 6 * limits.payloadBytesMax,
  },
} as const satisfies Record<string, BodyBounds>;
