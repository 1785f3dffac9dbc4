import type { Message } from "@weft/sdk";
import { prefixed } from "../../../domain/id.ts";
import { texts } from "../../texts/texts.ts";
import { formatCount } from "../../ui/format.ts";
import styles from "./message-summary.module.css";

type Endpoint = NonNullable<Message["endpoints"]>[number];

/** The payload or the event id of a message in a list, above its id. */
export function MessageContent({ message: { id, event_id: eventId, excerpt } }: { message: Message }) {
  return (
    <span className={styles.lines}>
      <span className={styles.main}>{[eventId, excerpt].filter((part) => part !== null).join(" · ")}</span>
      <code className={styles.id}>{prefixed("msg", id)}</code>
    </span>
  );
}

/** The endpoints of a message in a list, failed ones first, with the result of their newest attempt. */
export function MessageEndpoints({ message: { endpoints = [], deliveries } }: { message: Message }) {
  const more = Object.values(deliveries).reduce((sum, count) => sum + count, 0) - endpoints.length;
  return (
    <span className={styles.lines}>
      {endpoints.map((endpoint) => (
        <span key={endpoint.subscription_id} className={styles.endpoint} data-state={endpoint.state}>
          {endpoint.url.replace(/^(?:https?:\/\/|mailto:)/, "")}
          {resultOf(endpoint) !== null && <span className={styles.result}>{resultOf(endpoint)}</span>}
        </span>
      ))}
      {more > 0 && <span className={styles.id}>{texts.messages.moreEndpoints(formatCount(more))}</span>}
    </span>
  );
}

function resultOf({ state, response_status_code: status, error }: Endpoint): string | null {
  if (state === "delivered") return null;
  return error ?? (status === null ? null : String(status));
}
