import { Link } from "@tanstack/react-router";
import { texts } from "../../../texts/texts.ts";
import { Tag } from "../../../ui/badge.tsx";
import { JsonView } from "../../../ui/json/json-view.tsx";
import { Line, Quiet } from "../../../ui/page.tsx";
import { TimeAgo } from "../../../ui/time.tsx";
import styles from "./checklist.module.css";
import type { Arrival } from "./use-inbox.ts";

const words = texts.onboarding.arrive;

/** The deliveries that the inbox received, with the payload of the newest one. */
export function Arrivals({ arrivals }: { arrivals: readonly Arrival[] }) {
  if (arrivals.length === 0) return <Quiet>{words.lead}</Quiet>;
  return (
    <ul className={styles.arrivals} aria-label={words.list} aria-live="polite">
      {arrivals.map(({ delivery, at }, index) => (
        <li key={`${delivery.message_id} ${delivery.attempt}`}>
          <Line>
            <Tag>{delivery.event_type}</Tag>
            <Quiet>
              <TimeAgo at={new Date(at).toISOString()} />
            </Quiet>
            <Link to="/messages/$messageId" params={{ messageId: delivery.message_id }}>
              {words.message}
            </Link>
          </Line>
          {index === 0 && <JsonView text={delivery.body} label={words.payload} />}
        </li>
      ))}
    </ul>
  );
}
