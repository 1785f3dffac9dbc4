import { consoleTexts, type Texts } from "./console-texts.ts";

const { eventTypes, frame, messages, overview, recoveries, subscriptions } = consoleTexts;
const endpoints = (count: number) => (count === 1 ? "1 endpoint" : `${count} endpoints`);

/**
 * The texts of the portal, in the words of a customer: the platform sends events to their endpoints. The customer does not know
 * the product behind it, so that no text names it.
 */
export const portalTexts: Texts = {
  ...consoleTexts,
  product: "Webhooks",
  frame: {
    ...frame,
    groups: { ...frame.groups, deliveries: "Webhooks" },
    pages: { ...frame.pages, messages: "Events", subscriptions: "Endpoints" },
    search: {
      ...frame.search,
      hint: "Search by an event or attempt id, an endpoint's URL or description, or a payload value such as customer_id:42.",
      incomplete: "Only the newest events were searched for this payload value. The events page searches all.",
      kinds: { ...frame.search.kinds, message: "Event", subscription: "Endpoint" },
    },
  },
  overview: {
    ...overview,
    lead: "The events sent to your endpoints.",
    attention: { ...overview.attention, none: "All of your endpoints are healthy", all: "All endpoints" },
    failures: {
      ...overview.failures,
      title: "Failed events",
      none: "No failed events",
      all: "All failed events",
    },
  },
  eventTypes: {
    ...eventTypes,
    lead: "The events that your endpoints can receive, and the payload of each.",
    subscribe: "Add endpoint",
    messages: "Events",
    archivedNote: "New endpoints cannot select this event type. Its events are still delivered.",
    secretNote: "Set WEFT_SECRET to the signing secret of the endpoint. Its page shows the secret.",
  },
  messages: {
    ...messages,
    lead: "All events, newest first.",
    list: "Events",
    selectAll: "Select all events on this page",
    filters: {
      ...messages.filters,
      find: "Find an event",
      subscription: "Endpoint",
      subscriptionPlaceholder: "Endpoint id",
    },
    statuses: { ...messages.statuses, none: "No matching endpoints" },
    empty: "No events yet",
    emptyNext: "Add an endpoint and send a test event to it.",
    emptyFiltered: "No events match these filters",
    newSubscription: "Add endpoint",
    back: "Events",
    notFound: "This event does not exist. It may have been deleted at the end of its retention.",
    deliveries: {
      ...messages.deliveries,
      none: "None of your endpoints matched this event when it was accepted.",
      noneNext: "A new endpoint receives only events that are accepted after you added it.",
      resent: (count: number) => (count === 1 ? "Re-queued." : `Re-queued for ${endpoints(count)}.`),
      compareNone: "Select two attempts of this event to compare them.",
      undelivered: "Endpoints without a delivery",
      settingsChanged:
        "The settings of this endpoint changed after the event was accepted. The reason refers to the current settings.",
    },
    attempt: {
      ...messages.attempt,
      masked: "Header values are not shown with this link.",
    },
  },
  recoveries: {
    ...recoveries,
    lead: "Recovery sends events again to the endpoints that did not receive them. Message ids stay the same, so your endpoints can recognise duplicates.",
    selected: (count: number) => (count === 1 ? "1 selected event" : `${count} selected events`),
    window: "Events accepted",
    standings: { ...recoveries.standings, skipped: "were skipped while the endpoint was disabled" },
    total: (count: string, subscribed: number) =>
      `${count} ${count === "1" ? "delivery" : "deliveries"} to ${endpoints(subscribed)}`,
    disabled: (count: number) =>
      count === 1
        ? "1 endpoint is disabled. Enable it to recover its deliveries."
        : `${count} endpoints are disabled. Enable them to recover their deliveries.`,
    tooMany: "This endpoint has as many running recoveries as it may have. Wait until one has ended.",
    columns: { ...recoveries.columns, subscription: "Endpoint" },
  },
  subscriptions: {
    ...subscriptions,
    lead: "Your endpoints and the events that they receive.",
    list: "Your endpoints",
    create: "Add endpoint",
    back: "Endpoints",
    listener: "Receives events through a command on a developer's machine",
    healthReasons: { ...subscriptions.healthReasons, unknown: "No event was sent to this endpoint yet." },
    empty: "No endpoints yet",
    emptyNext:
      "An endpoint is a URL of yours and the events to send to it. Each delivery is signed, and retried until it succeeds.",
    emptyFiltered: "No endpoints match these filters",
    notFound: "This endpoint does not exist. It may have been deleted.",
    bulk: {
      ...subscriptions.bulk,
      done: (count: number) => (count === 1 ? "1 endpoint was changed." : `${count} endpoints were changed.`),
    },
    destinations: {
      ...subscriptions.destinations,
      webhook: {
        ...subscriptions.destinations.webhook,
        urlHint: "Each event is sent as a POST request with JSON to this URL.",
      },
      slack: {
        ...subscriptions.destinations.slack,
        urlHint:
          "Anyone with this URL can post to the channel, so it is masked after you save it. Mattermost and Rocket.Chat also work.",
      },
      discord: {
        ...subscriptions.destinations.discord,
        urlHint: "Anyone with this URL can post to the channel, so it is masked after you save it.",
      },
      email: { ...subscriptions.destinations.email, urlHint: "One e-mail address." },
    },
    facts: { ...subscriptions.facts, id: "Endpoint id", endpointId: "Endpoint id (ep_…)" },
    recovery: {
      ...subscriptions.recovery,
      lead: "Sends events again that failed, were skipped while the endpoint was disabled, or have no delivery.",
      window: "Events accepted",
      columns: { ...subscriptions.recovery.columns, window: "Events from" },
    },
    secret: {
      ...subscriptions.secret,
      lead: "Your endpoint uses it to verify the sender of a request and that the request was not changed.",
      needsScope: "The signing secret is not shown with this link.",
      rotateLead:
        "The new secret signs immediately. During the overlap, each request carries a signature of both secrets, so that you can change your endpoint without a gap.",
      rotated: "The secret was rotated. The new secret signs all requests.",
    },
    test: {
      ...subscriptions.test,
      lead: "The example of the event type is sent to this endpoint only.",
      open: "Open event",
    },
    enable: { ...subscriptions.enable, title: "Enable this endpoint", done: "The endpoint was enabled." },
    disable: {
      ...subscriptions.disable,
      title: "Disable this endpoint?",
      lead: "Nothing is sent to it until you enable it again. Events are kept while it is disabled, and you can send them then.",
      done: "The endpoint was disabled.",
    },
    remove: {
      ...subscriptions.remove,
      title: "Delete this endpoint?",
      done: "The endpoint was deleted.",
      many: (count: number) => `Delete ${endpoints(count)}?`,
    },
    form: {
      ...subscriptions.form,
      newTitle: "Add endpoint",
      editTitle: "Edit endpoint",
      routingKeyHint:
        "The integration key of a service with an Events API v2 integration. It is not shown again after you save it.",
      filtersHint: "An event is sent only if each field has one of its values.",
      mistakeFilters: "A number has more digits than this page can send exactly.",
      headersHint: "These headers are added to every request.",
      created: "The endpoint was added, and it responded.",
      saved: "The endpoint was saved.",
    },
  },
};
