import { allAccepted, type Check } from "./check.ts";
import { eventTypes } from "./fixture.ts";

const strangeSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const largestPayloadBytes = 256 * 1024;

/** The first check: without it, the results of the others mean nothing. */
export const genuineCheck: Check = {
  name: "genuine",
  stake: "loss",
  sent: "one event with a good signature",
  expected: "2xx",
  why: "This is every delivery on a good day. Check the URL and the secret.",
  run: async ({ deliver, event }) => allAccepted([await deliver({ event: event() })]),
};

/** Requests of a correct sender, which a receiver must accept. */
export const genuineChecks: readonly Check[] = [
  {
    name: "every_event_type",
    stake: "loss",
    sent: "an event of each type in the catalogue",
    expected: "2xx for each",
    why: "An event that the receiver has no use for is accepted and dropped; a refusal makes the sender try for hours.",
    async run({ deliver, event }) {
      const replies = [];
      for (const type of eventTypes) replies.push(await deliver({ event: event(type) }));
      return allAccepted(replies);
    },
  },
  {
    name: "unknown_event_type",
    stake: "loss",
    sent: "an event of a type that is in no catalogue",
    expected: "2xx",
    why: "New types of events appear. A receiver that refuses them fails until it is disabled, and then misses the known ones.",
    run: async ({ deliver, event }) => {
      return allAccepted([await deliver({ event: { ...event(), event_type: "weft_grade.unknown" } })]);
    },
  },
  {
    name: "more_fields",
    stake: "loss",
    sent: "an event with fields that are not documented",
    expected: "2xx",
    why: "Fields may be added to events at any time.",
    run: async ({ deliver, event }) => {
      return allAccepted([await deliver({ event: { ...event(), added_later: { list: [1, null, "two"] } } })]);
    },
  },
  {
    name: "exact_bytes",
    stake: "loss",
    sent: "a body with spaces, a number of twenty digits, escapes and letters beyond ASCII",
    expected: "2xx",
    why: "The signature is over the bytes. A receiver that parses the body and writes it again loses some of these.",
    run: async ({ deliver, event }) => {
      const text = JSON.stringify(event(), null, 3).replace(
        "{",
        '{ "big": 12345678901234567890, "tiny": 1.0e-10,\t"text": "\\u017dlu\\/\u0165 🧵",',
      );
      return allAccepted([await deliver({ event: ` ${text}\r\n` })]);
    },
  },
  {
    name: "late",
    stake: "loss",
    sent: "an event that happened two days ago, in a delivery that is signed now",
    expected: "2xx",
    why: "After an outage, what was missed comes late. Only the time of the signature tells whether a request is fresh.",
    run: async ({ deliver, event, at }) => {
      return allAccepted([await deliver({ event: { ...event(), timestamp: at(-2 * 86_400).toISOString() } })]);
    },
  },
  {
    name: "clock",
    stake: "loss",
    sent: "deliveries signed four minutes ago and four minutes ahead",
    expected: "2xx for both",
    why: "Clocks differ and networks delay; five minutes either way are what senders count on.",
    run: async ({ deliver, event, at }) => {
      return allAccepted([
        await deliver({ event: event(), timestamp: at(-240) }),
        await deliver({ event: event(), timestamp: at(240) }),
      ]);
    },
  },
  {
    name: "reordered",
    stake: "loss",
    sent: "the events of one sync in the wrong order: completed, running, pending",
    expected: "2xx for each",
    why: "Retries overtake each other. What cannot be used any more is accepted and dropped.",
    async run({ deliver, event }) {
      const replies = [];
      for (const type of ["sync.completed", "sync.running", "sync.pending"] as const) {
        replies.push(await deliver({ event: event(type) }));
      }
      return allAccepted(replies);
    },
  },
  {
    name: "rotated",
    stake: "loss",
    sent: "several signatures, as while a secret rotates: of a strange secret, of a version of the future, and the good one last",
    expected: "2xx",
    why: "While a secret rotates, a delivery carries a signature for each; one that fits is enough.",
    async run({ deliver, event, secrets, newId, at }) {
      const [secret = ""] = secrets;
      const plan = { event: event(), id: newId(), timestamp: at(0), secret: [strangeSecret, secret] };
      return allAccepted([await deliver({ ...plan, isFutureSigned: true })]);
    },
  },
  {
    name: "each_secret",
    stake: "loss",
    sent: "a delivery signed with each of the given secrets alone",
    expected: "2xx for each",
    why: "While a secret rotates, deliveries signed with the old one are still under way.",
    async run({ deliver, event, secrets }) {
      const replies = [];
      for (const secret of secrets) replies.push(await deliver({ event: event(), secret }));
      return allAccepted(replies);
    },
  },
  {
    name: "large",
    stake: "loss",
    sent: "an event of 256 KiB, the largest that Weft sends",
    expected: "2xx",
    why: "Body parsers often stop at 100 KB; events that are larger are refused for ever.",
    run: async ({ deliver, event }) => {
      const filled = { ...event(), filling: "" };
      const filling = "x".repeat(largestPayloadBytes - JSON.stringify(filled).length);
      return allAccepted([await deliver({ event: { ...filled, filling } })]);
    },
  },
  {
    name: "slow",
    stake: "loss",
    sent: "a body that trickles in, over two seconds by default, and another delivery meanwhile",
    expected: "2xx for both, the quick one first",
    why: "Networks are slow at times. A delivery that takes long must neither be given up nor hold up others.",
    async run({ deliver, event, trickleMs }) {
      let isSlowOver = false;
      let onUnderWay = () => {};
      const underWay = new Promise<void>((resolve) => {
        onUnderWay = resolve;
      });
      const slow = deliver({ event: event(), trickleMs, onUnderWay }).finally(() => {
        isSlowOver = true;
      });
      await Promise.race([underWay, slow]);
      const quick = await deliver({ event: event() });
      const isHeldUp = isSlowOver;
      const finding = allAccepted([await slow, quick]);
      if (!finding.isPassed || !isHeldUp) return finding;
      return { isPassed: false, came: `${finding.came}, the quick one after the slow one`, stake: "robustness" };
    },
  },
];
