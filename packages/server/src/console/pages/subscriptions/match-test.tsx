import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { MatchedMessage } from "@weft/sdk";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Badge, Tag } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { FieldGroup } from "../../ui/field.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import styles from "./match-test.module.css";
import { filtersOf, type SubscriptionDraft } from "./subscription-draft.ts";

interface MatchTestProps {
  readonly draft: SubscriptionDraft;
  readonly subscriptionId: string | null;
  readonly disabled: boolean;
}

/** Tests event types and filters with recent messages before they are saved. Weft itself decides which match. */
export function MatchTest({ draft, subscriptionId, disabled }: MatchTestProps) {
  const { weft } = useApi();
  const settings = { event_types: [...draft.eventTypes], filters: filtersOf(draft), subscription_id: subscriptionId };
  const tested = useMutation({
    mutationFn: (body: typeof settings) => weft.webhooks.matchRecentMessages(body),
  });
  const { match } = texts.subscriptions;
  const isOutdated = tested.data !== undefined && JSON.stringify(tested.variables) !== JSON.stringify(settings);
  return (
    <FieldGroup label={match.title} hint={match.hint}>
      <Line>
        <Button
          size="small"
          busy={tested.isPending}
          disabled={disabled || draft.eventTypes.length === 0}
          onPress={() => tested.mutate(settings)}
        >
          {match.run}
        </Button>
        {draft.eventTypes.length === 0 && <Quiet>{match.noTypes}</Quiet>}
        {isOutdated && <Quiet>{match.outdated}</Quiet>}
      </Line>
      {tested.error !== null && <Problem error={tested.error} />}
      {tested.data !== undefined && <MatchResults messages={tested.data} />}
    </FieldGroup>
  );
}

function MatchResults({ messages }: { messages: readonly MatchedMessage[] }) {
  const { match } = texts.subscriptions;
  if (messages.length === 0) return <p role="status">{match.none}</p>;
  const matching = messages.filter(({ matches }) => matches).length;
  return (
    <>
      <p role="status">{match.summary(matching, messages.length)}</p>
      <ul className={styles.list} aria-label={match.results}>
        {messages.map((message) => (
          <li key={message.message_id} className={styles.message}>
            <Line>
              <Badge tone={message.matches ? "good" : "quiet"}>{message.matches ? match.matches : match.differs}</Badge>
              <Link to="/messages/$messageId" params={{ messageId: message.message_id }} target="_blank">
                <Tag>{message.event_type}</Tag>
              </Link>
              <TimeAgo at={message.timestamp} />
            </Line>
            {message.excerpt !== null && <p className={styles.excerpt}>{message.excerpt}</p>}
            {message.reason !== null && <p>{reasonOf(message.reason)}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}

function reasonOf({ detail, filter }: NonNullable<MatchedMessage["reason"]>): string {
  return filter === null ? detail : texts.messages.deliveries.filter(filter.path, filter.value, filter.wanted);
}
