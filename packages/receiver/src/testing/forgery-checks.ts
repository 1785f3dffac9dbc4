import { allRefused, type Check, type CheckTools, type Finding } from "./check.ts";
import type { DeliveryPlan } from "./delivery.ts";

const strangeSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const expected = "4xx";

/** Both names of one of the signed headers, with the same value. */
function both(part: "id" | "timestamp" | "signature", value: string | null): Record<string, string | null> {
  return { [`svix-${part}`]: value, [`webhook-${part}`]: value };
}

/** Requests that anyone could send, and that a receiver must refuse. */
export const forgeryChecks: readonly Check[] = [
  forgery("unsigned", {
    sent: "an event without signature headers",
    why: "Everyone who knows the URL could send events.",
    plan: () => ({ headers: { ...both("id", null), ...both("timestamp", null), ...both("signature", null) } }),
  }),
  forgery("other_secret", {
    sent: "an event signed with another secret",
    why: "Anyone can sign with a secret of their own.",
    plan: () => ({ secret: strangeSecret }),
  }),
  forgery("altered_body", {
    sent: "a good signature over another body",
    why: "A signature that was seen once could carry any event.",
    plan: ({ event }) => ({ sentBody: JSON.stringify({ ...event(), collection_name: "Altered" }) }),
  }),
  forgery("other_id", {
    sent: "a good delivery whose message id was replaced",
    why: "A delivery that was recorded could be sent again as a new message, past every check for duplicates.",
    plan: ({ newId }) => ({ headers: both("id", newId()) }),
  }),
  forgery("stale", {
    sent: "a good delivery that was signed ten minutes ago",
    why: "A delivery that was recorded could be replayed at any time.",
    plan: ({ at }) => ({ timestamp: at(-600) }),
  }),
  forgery("early", {
    sent: "a good delivery that is signed ten minutes ahead",
    why: "It could be replayed for longer than it should.",
    plan: ({ at }) => ({ timestamp: at(600) }),
  }),
  forgery("refreshed", {
    sent: "a delivery signed ten minutes ago, with the time of now in its header",
    why: "The time is part of what is signed; where it is not checked, replays are possible.",
    plan: ({ at }) => ({
      timestamp: at(-600),
      headers: both("timestamp", String(Math.floor(at(0).getTime() / 1000))),
    }),
  }),
  forgery("empty_signature", {
    sent: "a signature header with the version and nothing after it",
    why: "Comparing with nothing must not count as a match.",
    plan: () => ({ headers: both("signature", "v1,") }),
  }),
  forgery("no_version", {
    sent: "signatures of versions that this receiver cannot know, and noise",
    why: "What cannot be verified is not genuine, and must not make the receiver fail.",
    plan: () => ({ headers: both("signature", "v0,AAAA v2,%%% v1 ,, v1a,AAAA v1,\u00ff") }),
  }),
  forgery("odd_time", {
    sent: "a timestamp header that is no whole number of seconds",
    why: "A time that cannot be read must not count as fresh.",
    plan: () => ({ headers: both("timestamp", "NaN") }),
  }),
];

interface Forgery {
  readonly sent: string;
  readonly why: string;
  plan(tools: CheckTools): Omit<DeliveryPlan, "event">;
}

function forgery(name: string, { sent, why, plan }: Forgery): Check {
  async function run(tools: CheckTools): Promise<Finding> {
    return allRefused([await tools.deliver({ event: tools.event(), ...plan(tools) })]);
  }
  return { name, stake: "forgery", sent, expected, why, run };
}
