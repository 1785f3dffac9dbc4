const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Every bound that Weft enforces, in one place. The operator's settings are in `config/`. */
export const limits = {
  /** Limits the body of an API request. A batch of events may use all of it; `body-bounds.ts` limits the other routes. */
  requestBodyBytesMax: 2 * 1024 * 1024,
  /** Bound the mistakes that one response lists, and how much of the caller's own text each mistake repeats. */
  mistakesMax: 50,
  mistakeStepsMax: 32,
  mistakeTextLengthMax: 256,
  errorTextLengthMax: 1_024,
  /**
   * Limits the bytes of requests and responses that one organization keeps in a node's memory: request bodies that are still
   * arriving, and responses that the peer has not read yet.
   */
  organizationBytesUnderWayMax: 64 * 1024 * 1024,
  /** These limit the same bytes for callers without a key (per address, and together), and for all callers together. */
  addressBytesUnderWayMax: 8 * 1024 * 1024,
  anonymousBytesUnderWayMax: 32 * 1024 * 1024,
  nodeBytesUnderWayMax: 256 * 1024 * 1024,
  /**
   * Larger work (parsing a body, notifying stream readers) is split into parts. One turn of the event loop processes
   * `workPerTurnBytes`.
   */
  workAtOnceBytesMax: 4 * 1024,
  workPerTurnBytes: 256 * 1024,
  /** A response write fails if the peer does not read it in this time. The server checks every `responseLookMs`. */
  responseStalledMsMax: minute,
  responseLookMs: 5_000,
  /** Smaller responses are not counted, because a socket's own buffer is as large. */
  bytesUnderWayCountedFrom: 8 * 1024,
  /** A request must arrive completely within this time. The server checks every half minute. */
  requestMsMax: minute,
  /** Limits the payload of one event, in bytes of UTF-8: the default, and the lowest and the highest limit that an operator can set. */
  payloadBytesDefault: 256 * 1024,
  payloadBytesMin: 64 * 1024,
  payloadBytesMax: 1024 * 1024,
  eventsPerBatchMax: 1_000,
  /** Limits the time in which a stopping node exports its last spans and metrics. */
  telemetryEndMs: 2_000,
  /** Limit the calls of agents that are in progress at one node, in total and per organization. */
  mcpCallsPerNodeMax: 1_000,
  mcpCallsPerOrganizationMax: 100,
  /** The time until an agent's subscription ends: by default, and at least and at most. */
  mcpTtlMs: hour,
  mcpTtlMsMin: minute,
  mcpTtlMsMax: day,
  /** Limit the subscriptions that agents make, with one credential and in one organization. */
  mcpSubscriptionsOfPrincipalMax: 100,
  mcpSubscriptionsOfOrganizationMax: 1_000,
  /** The time for which a callback remains verified. */
  mcpCallbackVerifiedMs: day,
  /** Limit the challenges that one principal causes, and those that one host fails, in a minute. */
  mcpChallengesPerMinute: 10,
  mcpFailedChallengesPerMinute: 120,
  /** Limits the failed challenges that one organization causes at a host in a minute, so that others can use the host. */
  mcpFailedChallengesOfOrganizationPerMinute: 30,
  /** The time for which the previous secret of an agent's subscription also signs. */
  mcpSecretOverlapMs: hour,
  /** Limits a request to an agent's callback, in time and in bytes of its body. */
  mcpAttemptMs: 10_000,
  mcpBodyBytesMax: 262_144,
  /** Limits the delay that a Retry-After of an agent's callback causes. */
  mcpRetryAfterMsMax: 2 * minute,
  /** Limits the fields that the arguments of a subscription can select, and the values of each. */
  mcpArgumentsMax: 20,
  mcpArgumentValuesMax: 100,
  /** Limits the bytes of the signing secret of an agent. */
  mcpSecretBytesMin: 24,
  mcpSecretBytesMax: 64,
  /** Limits the events on one page of `events/list`. */
  mcpEventsPerPage: 100,
  /** Limit the events that one poll returns: by default and at most, and their bytes after the first event. */
  mcpPollEventsDefault: 50,
  mcpPollEventsMax: 100,
  mcpPollBytesMax: 512 * 1024,
  /** Limit the work of one poll: the entries of the change log, the bytes of payloads, and the time. The next poll continues. */
  mcpPollEntriesMax: 200,
  mcpPollExaminedBytesMax: 4 * 1024 * 1024,
  mcpPollMs: 2_000,
  /** The time after which an agent should poll again. */
  mcpPollRestMs: 5_000,
  /** Limits the cursor of a poll, in characters: a position in the change log, and a message after it. */
  mcpPollCursorLengthMax: 8_192 + 64,
  /** Ended subscriptions are found this often. */
  mcpEndedLookMs: 2_000,
  /** Limits the result of a tool of the MCP server, in bytes of JSON. */
  toolResultBytesMax: 64 * 1024,
  /** Lists of tools have this many items by default, and at most this many bytes of items. */
  toolItemsDefault: 20,
  toolItemsBytesMax: 24 * 1024,
  /** Limit the characters of one text in the result of a tool, of a response of a receiver, and of a payload. */
  toolTextLengthMax: 2_000,
  toolResponseLengthMax: 500,
  toolPayloadLengthMax: 20_000,
  /** Limits the deliveries that one explanation describes, and the attempts of each. */
  toolDeliveriesMax: 20,
  toolAttemptsMax: 5,
  /** The time for which a preview of a bulk action can be confirmed. */
  confirmTokenMs: 10 * minute,
  /** Limit the trace context of a publish: longer headers are ignored. */
  traceParentLengthMax: 256,
  traceStateLengthMax: 512,
  traceStateEntriesMax: 32,
  /** Limits the event types that an operator can define. Every node keeps all of them in memory. */
  eventTypesMax: 10_000,
  /** Limit the event types of a namespace of Svix tokens, and the bytes of their schemas. The default namespace has no such limit. */
  namespaceEventTypesMax: 1_000,
  namespaceEventTypeSchemasBytesMax: 2 * 1024 * 1024,
  /** Limits the organizations whose namespaces a node keeps in memory. */
  organizationNamespacesKnownMax: 10_000,
  /** Limits the event types that have their own retention, for an organization and for the installation. */
  eventTypeRetentionsMax: 100,
  retentionDaysMax: 36_500,
  /** Limit one request to the storage of the archive, and its response. */
  archiveRequestMs: minute,
  archiveResponseBytesMax: 32 * 1024 * 1024,
  /** Limits the events that one commit takes from an application's outbox. */
  outboxTakenMax: 128,
  /**
   * Limit the subscriptions that one commit matches with messages, in total and per organization. Later commits match the rest.
   */
  fanOutPerCommitMax: 2_000,
  fanOutPerOrganizationAndCommitMax: 1_000,
  /** Limits the subscriptions that a commit matches with waiting messages, in addition to the new messages. */
  fanOutPerStepMax: 250,
  /** Limit the organizations whose waiting fan-outs one commit advances, and the payload characters that it reads for each. */
  fanOutOrganizationsPerStep: 8,
  fanOutPayloadLengthMax: 4 * 1024 * 1024,
  /** Limit the messages that one commit accepts, and the characters of their payloads. A single request may exceed them. */
  messagesPerCommitMax: 1_000,
  payloadLengthPerCommitMax: 8 * 1024 * 1024,
  /** Limits the payload bytes that one commit hands over to this node's engine. */
  handedOverBytesPerCommitMax: 8 * 1024 * 1024,
  /** Limit the JSON Schemas of one event type: their number, and the bytes, depth and values of each. */
  schemaVersionsMax: 100,
  schemaBytesMax: 256 * 1024,
  schemaDepthMax: 64,
  schemaValuesMax: 10_000,
  /** Limits the JSON Schemas of all event types together, in bytes. */
  eventTypeSchemasBytesMax: 16 * 1024 * 1024,
  /** Limit a regular expression in a schema: its characters, and its steps after repetitions are expanded. */
  schemaPatternLengthMax: 2_048,
  schemaPatternSizeMax: 10_000,
  /** Limit the time and memory to compile one schema, or to validate one payload against it. */
  schemaCheckMs: 2_000,
  schemaCheckHeapMegabytes: 192,
  /** Limits the validations of one organization that wait for a process. */
  schemaChecksWaitingMax: 5_000,
  /** A sandbox runs at most this many processes. An idle process ends after `sandboxIdleMs`. */
  sandboxProcessesMax: 4,
  sandboxIdleMs: minute,
  /** Limit the compiled schemas that a process caches, by number and by the bytes of their source. */
  compiledSchemasMax: 200,
  compiledSchemasBytesMax: 2 * 1024 * 1024,
  /** Bound the mistakes that a response lists for one payload, and the length of each. */
  payloadMistakesMax: 50,
  mistakeLengthMax: 500,
  eventIdLengthMax: 256,
  idempotencyKeyLengthMax: 256,
  idempotencyKeptMs: day,
  /** After this time, a request that never finished (its process died) releases its idempotency key. */
  idempotencyUnfinishedMs: minute,

  /** The highest rate (calls per second) that an operator can set. */
  apiRateLimitMax: 1_000_000,
  /**
   * Defaults for the limits per organization, and the highest limit that an operator can set. Listeners count as subscriptions.
   */
  subscriptionsPerOrganizationDefault: 500,
  sourceConnectionsPerOrganizationDefault: 500,
  thingsPerOrganizationMax: 1_000_000,

  urlLengthMax: 2_083,
  /** Limits the version of an endpoint in Svix's API. */
  endpointVersionMax: 65_535,
  /** A token of Svix's SDKs is valid this long before and after its times, because clocks differ. */
  tokenClockDifferenceMs: minute,
  descriptionLengthMax: 1_024,
  eventTypesPerSubscriptionMax: 100,
  filterFieldsMax: 20,
  filterValuesMax: 100,
  /** Limits a filter value: the characters of a string, the digits of a number. */
  filterValueLengthMax: 1_024,
  /** Limits the decimal exponent of a number in a filter, positive or negative. */
  filterExponentMax: 1_000_000_000,
  /** An explanation shows this many characters of a value that does not match a filter. */
  filterShownLengthMax: 256,
  /** One test of a subscription's settings matches at most this many messages. */
  matchedMessagesMax: 50,
  /** Limit the template of a notice, and the names in the path of one of its fields. */
  templateLengthMax: 4_000,
  templatePathNamesMax: 16,
  /** Limits a username, password or token of a receiver. */
  receiverCredentialLengthMax: 4_096,
  /** An operational event announces that a client certificate expires, this long before. */
  certificateAnnouncedMs: 30 * day,
  /** Limits the access tokens of receivers that a node keeps in memory. */
  receiverTokensRememberedMax: 10_000,
  /** A token endpoint that failed gets no further request from a node for this time. */
  tokenFailureKeptMs: 5_000,
  /** The lifetime of an access token whose issuer states none. */
  tokenLifetimeMsDefault: hour,
  headersMax: 50,
  headerNameLengthMax: 128,
  headerValueBytesMax: 4_096,
  /**
   * An HMAC key of fewer than 16 bytes can be guessed. The example in the API documents has 21 bytes and must be valid in
   * `/v1`.
   */
  secretBytesMin: 16,
  /** `/api/v1` rejects shorter secrets, as Svix does. */
  svixSecretBytesMin: 24,
  secretBytesMax: 75,
  secretLengthMin: 24,
  /** Limits the secrets of a subscription that sign: the current one, and those before it. */
  secretsLiveMax: 11,
  /** Every node signs with a changed secret after this time at the latest. */
  changesHeardMsMax: 5_000,
  secretOverlapMs: day,
  secretOverlapMsMax: 7 * day,
  keyOverlapMsMax: 7 * day,
  retryScheduleStepsMax: 20,
  retryDelayMsMax: 7 * day,

  pageDefault: 50,
  pageMax: 250,
  /** A page of a list ends before the item that would exceed this size. The first item may exceed it alone. */
  pageBytesMax: 1024 * 1024,
  /** Limits the characters of the document of all event types. */
  catalogueDocumentLengthMax: 2 * 1024 * 1024,
  /** A list reads this many items at a time for a page, and fewer where an item may be very large. */
  pageStep: 32,
  pageStepOfLarge: 4,
  /** A list examines at most this many rows for a page. Then it returns the matches so far, and a cursor to continue from. */
  examinedForPageMax: 10_000,
  /** Limits the subscriptions that a list in another order than by id reads and orders. */
  sortedMax: 2_000,
  /** A part of a list examines at most this many deleted subscriptions. */
  deletedSubscriptionsExaminedMax: 1_000,
  /** Limit the messages whose payloads are examined for one page, and the bytes of these payloads. */
  payloadsExaminedForPageMax: 2_000,
  payloadBytesExaminedForPageMax: 16 * 1024 * 1024,
  /** A list reads payloads of this many bytes at a time, and at least one. */
  payloadBytesAtOnceMax: 1024 * 1024,
  payloadFieldsMax: 3,
  /** Limits the values of a query parameter that may be repeated. A list queries an index for each value. */
  repeatedMax: 100,
  /** A list of messages examines the waiting deliveries of at most this many subscriptions one by one. */
  lanesPerListMax: 100,
  /** A list finds the messages of a subscription through its attempts, up to this many. With more, it searches all messages. */
  attemptsOfRareMax: 2_000,
  /** An attempt is recorded at most this long after it began: longer than `attemptTimeoutMsMax`. */
  attemptLastsMsMax: 10 * minute,
  attemptTimeoutMsMax: 2 * minute,
  attemptsInSubscriptionMax: 100,
  attemptsInMessageMax: 250,

  /** Statistics per minute are kept for this time. Older statistics are per hour. */
  statsMinutesKeptMs: 2 * day,
  statsStepMsMax: 366 * day,
  /** Limits the steps of one statistics response. */
  statsBucketsMax: 1_000,
  statsWindowMsDefault: day,
  /** An endpoint's attempts are counted over at most this time. */
  statsWindowMsMax: 28 * day,
  statsWindowSlackMs: 5 * minute,
  /** A backlog report examines this many subscriptions, and lists this many of them. */
  backlogLanesMax: 500,
  backlogSubscriptionsMax: 50,
  /** A backlog report counts at most this many waiting deliveries per subscription and kind, and in total. */
  backlogOfSubscriptionMax: 10_000,
  backlogCountedMax: 200_000,
  /** A preview of a recovery examines at most this many messages. */
  previewedMessagesMax: 50_000,
  /** A preview of a filtered recovery examines at most this many messages for all its subscriptions together. */
  filteredPreviewMessagesMax: 200_000,
  /** A preview applies filters to at most this many bytes of payloads. */
  previewedPayloadBytesMax: 64 * 1024 * 1024,
  /** Counts of waiting and skipped deliveries stop at this number. */
  deliveriesCountedMax: 100_000,

  /** Limits the servers that `WEFT_DATABASE_URL` names. */
  databaseHostsMax: 8,
  /** With less free space on the database's disk, a node is not ready to accept events. */
  diskFreeBytesMin: 8 * 1024 * 1024,

  endpointCheckMs: 5_000,
  responseBytesReadMax: 64 * 1024,
  responseBytesKept: 16 * 1024,
  /** Limit the response headers that an attempt keeps: their number, the characters of a value, and the bytes in total. */
  responseHeadersKept: 40,
  responseHeaderLengthKept: 1_024,
  responseHeadersBytesKept: 4 * 1024,
  retryAfterMsMax: 2 * hour,
  /** A random share of each delay, so that the retries of one outage are spread over time. */
  retryJitter: 0.1,
  failingMsUntilDisabled: 5 * day,
  recoveryWindowSlackMs: 5 * minute,
  /** Limits the recoveries of one subscription that are running or waiting. */
  recoveriesRunningMax: 50,
  /** Limit the subscriptions and the messages that a recovery may list. */
  recoverySubscriptionIdsMax: 250,
  /** One request recovers at most this many subscriptions. */
  recoverySubscriptionsMax: 1_000,
  recoveryMessageIdsMax: 1_000,
  recoveryStepDeliveries: 200,
  recoveryStepMessagesScanned: 2_000,
  /** One step counts at most this many messages, and applies filters to at most this many bytes of payloads. */
  recoveryStepMessagesCounted: 20_000,
  recoveryStepPayloadBytesMax: 8 * 1024 * 1024,
  /** A response counts the outcomes of at most this many deliveries of a recovery. */
  recoveryOutcomesCountedMax: 10_000,
  /** One step of any other task processes at most this many messages, in one commit. */
  taskStepMessages: 500,
  /** One survey covers at most this many organizations. */
  surveyedMax: 10_000,
  /** A request for a survey lists at most this many organizations by id. */
  surveyNamedMax: 1_000,

  /** Limit the concurrent requests to one subscription: initially, and after enough successes. */
  laneConcurrencyFirst: 8,
  laneConcurrencyMax: 64,
  /** A lane's circuit opens after this many consecutive failures over this time. A restart of the endpoint does not open it. */
  circuitFailures: 10,
  circuitFailingMs: 30_000,
  /** A circuit stays open this long before its first trial, and at most this long after failed trials. */
  circuitOpenMsFirst: 5_000,
  circuitOpenMsMax: 5 * minute,
  /** A delivery that fails because the database is unavailable is tried again after this time. */
  failedDeliveryRestMs: 1_000,
  /** The highest rate limit (deliveries per second) that a subscription can have. */
  rateLimitMax: 65_535,
  /** The lowest rate (requests per second) to an endpoint that refuses all of them. */
  throttledPerSecondMin: 2,
  /** A lane with a rate limit claims deliveries at most this often. */
  rateClaimMs: 50,
  /** A node checks its throttled lanes this often, and stores changes. */
  throttleStatesLookMs: 2_000,
  /** One commit hands at most this many deliveries over to a lane. domain/lane.ts has the lane's own bound. */
  laneHandedOverMax: 256,
  /** Limit the deliveries that one node keeps in memory, and the bytes of their payloads. */
  nodeHeldMax: 20_000,
  nodeHeldBytesMax: 128 * 1024 * 1024,
  /**
   * Limit the share of one organization. When it is used up, the organization's deliveries wait in the database. The last
   * commit before that may exceed the share by the deliveries that it creates.
   */
  organizationHeldMax: 5_000,
  organizationHeldBytesMax: 32 * 1024 * 1024,
  /** Limit the concurrent requests from one node, in total and per organization. */
  nodeConcurrencyMax: 2_000,
  organizationConcurrencyMax: 1_000,
  /** A node starts at most this many requests in one turn of its event loop. */
  startsPerTurnMax: 40,
  /** One commit claims at most this many due deliveries. */
  claimedPerCommitMax: 250,
  /** A node without a heartbeat for this time is dead, and its deliveries become due again. */
  nodeLeaseMs: 12_000,
  /** A dead node is remembered for longer than any commit that it began can take. */
  nodeRememberedMs: hour,
  shutdownMs: 10_000,
  /** A server that closes waits this long for its last requests. */
  serverCloseMs: 5_000,
  /** After a shutdown aborts the last requests, their outcomes are recorded within this time. */
  cutOffMs: 5_000,

  /** A listener's connection without a heartbeat for this time is closed, and its deliveries become due again. */
  listenerLeaseMs: 15_000,
  listenerBeatMs: 5_000,
  /**
   * The shortest time between two queries for deliveries, and the longest, which finds the ones that arrived without a
   * signal.
   */
  listenerRestMs: 20,
  listenerLookMs: 500,
  /** The store records this often that a listener is connected. */
  listenerHeardEveryMs: minute,
  /** Limit the deliveries that one connection holds, and that one commit claims for it. */
  listenerHeldMax: 100,
  listenerClaimMax: 20,
  /** Limit the listener connections of one node, in total and per organization. */
  listenersPerNodeMax: 500,
  listenersPerOrganizationMax: 20,
  /** A listener without a connection for this time is deleted. */
  listenerQuietMsMax: hour,
  listenerNameLengthMax: 64,
  /** A listener reports at most this many outcomes in one call. */
  outcomesPerCallMax: 50,
  /** A response on a listener's machine may take much longer than others, because a developer may be debugging the program. */
  outcomeDurationMsMax: hour,

  /** The audit log keeps an entry for this time, and at most this many fields of it. */
  auditKeptMs: 400 * day,
  auditFieldsMax: 50,
  /** Identical calls within this time share one entry, in addition to the entry of the first. */
  auditSpanMs: 5 * minute,
  /** Limit the different calls that a node counts within that time: per kind and organization, and in total. */
  auditTalliesPerKindMax: 20,
  auditTalliesMax: 5_000,
  auditTextLengthMax: 1_024,

  /** A stream can be disconnected for this long and resume without a gap. */
  streamKeptMs: day,
  /** The change log is kept for this additional time, so that a stream does not lose entries that it is about to read. */
  streamKeptMsMore: hour,
  /** Limit the open streams of one node, in total and per organization. */
  streamsPerNodeMax: 2_000,
  streamsPerOrganizationMax: 100,
  /** A stream closes when more bytes than this wait for its reader, or when the reader takes none of them for this time. */
  streamBytesWaitingMax: 1024 * 1024,
  streamStalledMs: 10_000,
  /** A reader has this much time to receive the last event. */
  streamFarewellMs: 5_000,
  /** A node caches this many bytes of changes per organization, for readers that are slightly behind. */
  streamFeedBytesMax: 4 * 1024 * 1024,
  /** A stream reads this many log entries at a time, and fewer when messages include payloads. */
  changeLogEntriesAtOnce: 10,
  changeLogEntriesWithPayloads: 2,
  /** The shortest time between two reads of the log, and the longest, which finds the commits of other nodes. */
  streamRestMs: 50,
  streamLookMs: 500,
  /** An idle stream sends a heartbeat this often. The server rechecks the caller's rights every `streamCheckMs`. */
  streamBeatMs: 15_000,
  streamCheckMs: 5_000,
  /** The shortest time between two events of a running sync job. */
  streamJobRestMs: 1_000,
  /** Clients are asked to wait this long before they reconnect. */
  streamRetryMs: 1_000,
  lastEventIdLengthMax: 8_192,
  /** Limits the changes in one entry of the change log. */
  changeLogEntryChangesMax: 50,

  collectionNameLengthMin: 4,
  collectionNameLengthMax: 64,
  readableIdLengthMax: 80,
  nameLengthMax: 255,
  /** Limits a name that the caller assigns, such as the name of an event type. */
  uidLengthMax: 256,
  /** Limits the channels of one message or one endpoint. */
  channelsMax: 100,
  tagsMax: 100,
  tagLengthMax: 256,
  contentTypeLengthMax: 256,
  /** A publisher can delay a message's first attempts by at most this time. */
  deliverAtMsMax: day,
  /** Limits the metadata of one object, as JSON. */
  metadataBytesMax: 4_096,
  metadataKeysMax: 1_000,
  /** A browser session expires after this time. */
  sessionMs: 12 * hour,
  /** A person signs in at the identity provider within this time. */
  signInMs: 10 * minute,
  /** Sign-ins that a node completes at the same time; each makes requests to the identity provider. */
  signInsUnderWayMax: 16,
  /** Bound the claims of an ID token that are used. */
  personNameLengthMax: 255,
  personGroupsMax: 1_000,
  /** Bounds the mapping of groups to roles. */
  roleMappingsMax: 200,
  /** Limits the URL of an authorization server of agents. */
  issuerLengthMax: 512,
  /** Limits a request to the identity provider. */
  providerRequestMs: 10_000,
  /** How long the metadata of the identity provider is kept. */
  providerMetadataKeptMs: hour,
  /** An authorization server that does not respond is asked again after this time, and one whose keys are known for a new key. */
  providerRestMs: 5_000,
  providerKeysRestMs: minute,
  /**
   * A node reports this many wrong keys per second as wrong, per address and per key prefix. It answers further ones with a
   * 429.
   */
  wrongKeysPerSecondMax: 20,
  /** Limits the addresses and key prefixes whose wrong keys a node counts. */
  wrongKeyCountersMax: 20_000,
  /** Limit the lifetime of a link to the console of one organization. */
  portalSessionMsMin: minute,
  portalSessionMsMax: hour,
  /** The last use of an API key is stored this long after it, and at most once in `keyUseEveryMs`. */
  keyUseDelayMs: 2_000,
  keyUseEveryMs: minute,
  /** Limit the keys whose last use waits in a node's memory, and those that one commit stores. */
  keyUsesWaitingMax: 10_000,
  keyUsesPerCommitMax: 500,
  /** Limit the platform's name and logo in the portal. The name is part of every title, and the logo of every page. */
  portalNameLengthMax: 40,
  portalLogoBytesMax: 256 * 1024,
  /** The latest expiry of a token that a platform signs itself (Unix ms): the end of the year 9999. */
  tokenExpiryMsMax: 253_402_300_799_999,
  /** Limit the lifetime of a token for an application's users. */
  portalAccessMsMin: hour,
  portalAccessMsMax: 7 * day,
  /** Limits the feature flags of one token, in characters together. The headers of a request have at most 16 KiB. */
  portalFlagsLengthMax: 4_096,
  /** One call revokes the tokens of at most this many sessions. */
  revokedSessionsMax: 1_000,
  /**
   * Limits the JSON Schemas of one import of event types, in bytes. Shared schemas are stored with each type that uses them.
   */
  importedSchemasBytesMax: 16 * 1024 * 1024,
  entityTextBytesMax: 1024 * 1024,
  searchQueryLengthMax: 1_024,
  /** The endpoints of each message in a list. */
  endpointsShownMax: 3,
  /** The records that one search of the console finds, in all and of one kind. */
  foundMax: 30,
  foundOfKindMax: 6,
  /** The newest organizations that an operator's search looks through. */
  organizationsFoundAmongMax: 20_000,
  searchResultsMax: 1_000,
  /** The newest chunks that match a search are ranked, up to this many. */
  searchCandidatesMax: 1_500,
  /** On PostgreSQL, a search ends after it has examined about this many chunks with its words, if its filters match few of them. */
  searchExaminedMax: 1_000_000,
  /** The conditions of a search's filter, in all groups, and the values of one condition. */
  searchFilterConditionsMax: 64,
  searchFilterValuesMax: 250,
  searchFilterValueLengthMax: 1_024,

  collectionsPageDefault: 100,
  collectionsPageMax: 1_000,
  /** The event for a deleted collection lists all of its connections. */
  connectionsPerCollectionMax: 1_000,
  syncConfigBytesMax: 16 * 1024,
  sourceConfigBytesMax: 64 * 1024,
  credentialsBytesMax: 64 * 1024,
  /** Limits the cursor of a source, which is the position where its next read continues. */
  sourceCursorBytesMax: 64 * 1024,
  patternsMax: 100,
  patternLengthMax: 512,
  pathLengthMax: 4_096,
  entityIdLengthMax: 1_024,
  entityTypeLengthMax: 64,
  /** The containers of an entity that are stored, such as folders, outermost first. */
  breadcrumbsMax: 16,
  entitiesPerConnectionMax: 1_000_000,
  /**
   * Limit the entities and the text bytes that one commit of a sync stores, so that it does not delay events. The rows of an
   * entity count as 256 bytes.
   */
  syncBatchEntitiesMax: 256,
  syncBatchTextBytesMax: 128 * 1024,
  /** A commit of a sync removes at most this many chunks of stored entities, or those of a single entity. */
  syncRemovedChunksMax: 1_000,
  /** Limit a chunk: it has this many words, each of at most `chunkWordLengthMax` characters. */
  chunkWordsMax: 200,
  chunkWordLengthMax: 32,
  /** One turn of the event loop splits at most this much text into chunks. */
  chunkSliceLengthMax: 64 * 1024,
  /** Limits the alternatives in the braces of a connection's globs. */
  globAlternativesMax: 1_000,
  /** One run matches at most this many paths with globs, within this time. */
  pathsMatchedAtOnce: 5_000,
  pathsMatchMs: 10_000,
  directoryFilesMax: 500_000,
  directoryFoldersMax: 200_000,
  directoryFileBytesDefault: 1024 * 1024,
  /** Limits the files of a repository, including files that no pattern selects. */
  gitFilesMax: 1_000_000,
  /** Limits the paths of these files together. */
  gitPathBytesMax: 64 * 1024 * 1024,
  /** One job fetches at most this many bytes from a repository. */
  gitFetchedBytesMax: 1024 * 1024 * 1024,
  /** Limits the address space of one git process. */
  gitMemoryBytesMax: 2 * 1024 * 1024 * 1024,
  /** One exchange with a repository's host ends after this time. */
  gitExchangeMs: 30 * minute,
  /** One node reads at most this many repositories concurrently. */
  gitJobsAtOnceMax: 4,
  knownHostsLengthMax: 16 * 1024,
  /** Limit the taps that the operator allows, and the jobs of all taps that one node runs concurrently. */
  singerTapsMax: 100,
  singerJobsAtOnceMax: 4,
  /** Limit a tap unless its definition does: its run, the time without output, its output, a line, its memory, its jobs. */
  singerRunMsDefault: 6 * 60 * minute,
  singerSilentMsDefault: 10 * minute,
  singerOutputBytesDefault: 4 * 1024 * 1024 * 1024,
  singerLineBytesDefault: 1024 * 1024,
  singerLineBytesMax: 4 * 1024 * 1024,
  singerMemoryBytesDefault: 1024 * 1024 * 1024,
  singerJobsAtOnceDefault: 2,
  /** Limit the catalog that a tap prints: its time, its bytes, and its streams. */
  singerDiscoverMs: 2 * minute,
  singerCatalogBytesMax: 4 * 1024 * 1024,
  singerStreamsMax: 1_000,
  /** A job reads everything again after this many interrupted jobs. */
  singerInterruptedJobsMax: 100,
  /** Limit the values of a record that become text, and their nesting. */
  singerRecordValuesMax: 10_000,
  singerRecordDepthMax: 8,
  /** Limit the reads of a connection from a database: its tables, and the columns of one setting. */
  sourceTablesMax: 100,
  sourceColumnsMax: 1_600,
  sourceQueryLengthMax: 16 * 1024,
  certificatesLengthMax: 32 * 1024,
  fullReadHoursMax: 24 * 365,
  postgresConnectMs: 15_000,
  postgresStatementMs: 10 * minute,
  /** A query fetches this many rows at a time. The text of each has at most `entityTextBytesMax`. */
  postgresRowsPerStep: 64,
  /** Limits a row as the database sends it: its text, its key and its cursor. */
  postgresRowBytesMax: 2 * 1024 * 1024,
  /** Limits the received rows that are not processed yet. Further rows wait on the socket. */
  postgresRowBytesWaiting: 1024 * 1024,
  /** Limit the catalogue data of one result, and the notices and other messages that arrive during one query. */
  postgresKeptBytesMax: 4 * 1024 * 1024,
  postgresOtherBytesMax: 512 * 1024,
  /** A connection tries at most this many addresses of the database's host. */
  postgresAddressesMax: 4,
  /** The database has this long to close the connection after the end message. */
  postgresEndMs: 1_000,
  /** Limit a trial of a source, and the trials at the same time: of one organization, and of a node. */
  sourceTrialMs: 2 * minute,
  sourceTrialsPerOrganizationMax: 2,
  sourceTrialsAtOnceMax: 8,
  /** A check of a source reads this many entities, and returns the beginning of their texts. */
  entitiesCheckedMax: 5,
  checkedTextLengthMax: 200,
  /** Limits the properties of one stream that a list of streams returns. */
  streamPropertiesListedMax: 200,
  /** Limit one exchange with a site or API that a source reads, and the number of its retries. */
  sourceExchangeMs: minute,
  sourceRetriesMax: 3,
  /** The longest time that a busy host can ask a source to wait before it is asked again. */
  sourceRetryAfterMsMax: minute,
  webPageBytesMax: 4 * 1024 * 1024,
  webSitemapBytesMax: 10 * 1024 * 1024,
  /** RFC 9309 requires at least 500 KiB. */
  webRobotsBytesMax: 512 * 1024,
  webPagesDefault: 1_000,
  webPagesMax: 20_000,
  webDepthDefault: 10,
  webDepthMax: 100,
  webRedirectsMax: 5,
  webSitemapsMax: 1_000,
  /** A page's robots tags are read up to this number. Further tags are ignored. */
  webRobotsTagsMax: 10,
  webLinksPerPageMax: 2_000,
  /** Limits the known addresses of one site, read or not. */
  webLinksMax: 200_000,
  webCrawlDelayMsMax: 10_000,
  /** Limit the work on one page outside the event loop: parsing it, and converting it to text. */
  webPageThoughtMs: 10_000,
  webPageHeapMegabytes: 256,
  /** A job gives a site up after this many pages that take too much time or memory to parse. */
  webPagesUnparsableMax: 5,
  /** After this many consecutive pages that fail temporarily, the site is considered down. */
  webFailuresInRowMax: 10,
  /** Limit the waits for the rate limit of a source's API: each one, and the number in a row for one request. */
  apiWaitMsMax: 65 * minute,
  apiWaitsMax: 5,
  /** Limits the time to parse the JSON of one response outside the event loop. */
  apiParseMs: 10_000,
  /** Limit a list of a source's API: its pages, and the cursor of one. */
  apiPagesMax: 200_000,
  apiCursorLengthMax: 4_096,
  /** Limits the channels of a connection. The cursor contains the position in each. */
  slackChannelsMax: 1_000,
  slackHistoryDaysMax: 365 * 20,
  /** Limit the replies of one thread, and the users whose names one job requests. */
  slackRepliesMax: 5_000,
  slackUsersMax: 20_000,
  /** Limit the containers of pages that one job remembers, and the parts of one page that are read separately. */
  notionContainersMax: 50_000,
  notionPartsMax: 200,
  /** Limits the ids that one job remembers, so that it does not read an issue twice. */
  linearIdsMax: 50_000,
  /** Limits the sections of a help center, and its categories. */
  zendeskSectionsMax: 10_000,
  /** Limit the objects of a connection, and the fields that are read of each. A query is a part of a URL. */
  salesforceObjectsMax: 100,
  salesforceFieldsMax: 150,
  /** The longest wait for a rate limit. GitHub's own limits reset within an hour. */
  githubWaitMsMax: 65 * minute,
  /** Limits the consecutive waits for one request. */
  githubWaitsMax: 5,
  githubResponseBytesMax: 16 * 1024 * 1024,
  /** Limits the time to parse the JSON of one response outside the event loop. */
  githubResponseMs: 10_000,
  /** Limits the files of one tree. GitHub itself lists about as many entries at most. */
  githubTreeFilesMax: 120_000,
  /** Limits the files that match. Each of them takes a request. */
  githubFilesMax: 20_000,
  /** One node runs at most this many sync jobs. Further jobs stay pending. */
  syncJobsPerNodeMax: 16,
  /** One organization uses at most this many of them, so that jobs of other organizations always have room. */
  syncJobsPerOrganizationMax: 12,
  /** A connection is stale when its next sync has been due for this time. */
  staleAfterMs: hour,
  syncJobMsMax: day,
  /** A source that returns nothing for this time is considered stuck, unless its definition allows more time. */
  sourceSilentMsMax: 15 * minute,
  /** A source that is temporarily unavailable is read again after each of these delays. Then the job fails. */
  sourceRetryDelaysMs: [1_000, 5_000, 30_000, 2 * minute, 5 * minute],
  /** A job waits for its source for at most this time in total. */
  sourceRetryMsMax: 15 * minute,
  /** A job remembers the ids of this many failed entities, so that a repeated entity is counted once. */
  failedEntitiesRememberedMax: 10_000,
  syncJobErrorLengthMax: 1_000,
  /** The log entry of a job has at most this many lines from its source. */
  syncJobNotesMax: 20,
  syncJobsKeptPerConnectionMax: 1_000,
  /** A node queries this often for pending jobs that arrived without a signal. */
  syncJobsLookMs: 5_000,
  /** One node watches at most this many connections for changes. */
  watchedConnectionsMax: 1_000,
  /** A job starts this long after a change, so that changes that happen together share one job. */
  watchRestMs: 1_000,
  /** The shortest time between two jobs of one watched connection. */
  watchFloorMs: 10_000,
  /** A folder that the system cannot watch is scanned this often. */
  watchLookMs: minute,
  /** A deletion waits this long for a running job to stop. Then it ends the job itself. */
  syncJobStopMs: 5_000,
  deletedChunksPerStepMax: 200,
  /** Limit the concurrent DNS look-ups, in total and per organization, and the look-ups that wait. */
  nameLookUpsMax: 512,
  nameLookUpsOfOrganizationMax: 16,
  nameLookUpsWaitingMax: 5_000,
  /** Limits the time to look up one name, however its servers behave. */
  nameLookUpMs: 10_000,
  /** Limit how long the addresses of a name are cached (within the limits of its servers), and how long a failure is. */
  nameKeptMsMin: 1_000,
  nameKeptMsMax: 30_000,
  nameFailureKeptMs: 2_000,
  namesRememberedMax: 10_000,
  /**
   * A URL that begins an authorization expires after this time. The user then has `authorizationStayMs` to return from the
   * provider.
   */
  authorizationUrlMs: 5 * minute,
  authorizationStayMs: 15 * minute,
  /** For this time, a response distinguishes a used or expired authorization from an unknown one. */
  authorizationsKeptMs: day,
  /** An access token that expires sooner is renewed before it is used. */
  tokenLeftMsMin: minute,
  /**
   * A process that renews a connection's tokens has this long before another may try. It is longer than the provider may take.
   */
  tokenRenewalMs: minute,
  providerResponseMs: 15_000,
  providerResponseBytesMax: 256 * 1024,
  /** Limits a response of a source's API. */
  sourceResponseBytesMax: 16 * 1024 * 1024,
  searchTermsMax: 32,
  searchResultsDefault: 10,
  searchOffsetMax: 10_000,
  searchSnippetLengthMax: 240,
} as const;
