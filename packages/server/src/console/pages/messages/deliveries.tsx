import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Attempt, MessageDelivery, MessageWithAttempts } from "@weft/sdk";
import { RotateCw } from "lucide-react";
import { useMay } from "../../api/session.tsx";
import { type Api, useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Empty, Notice, Problem } from "../../ui/notice.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { TimeUntil } from "../../ui/time.tsx";
import { showDone, showProblem } from "../../ui/toast.tsx";
import { Url } from "../../ui/wrapped.tsx";
import { AttemptEntry, outcomeOf } from "./attempt-entry.tsx";
import { CompareAttempts } from "./compare-attempts.tsx";
import styles from "./deliveries.module.css";
import { RecoverSimilar } from "./recover-similar.tsx";

type Made = MessageDelivery & { readonly state: NonNullable<MessageDelivery["state"]> };

const tones: Readonly<Record<Made["state"], Tone>> = {
  due: "info",
  claimed: "info",
  delivered: "good",
  failed: "bad",
  skipped: "warning",
  cancelled: "quiet",
};

const shownMax = 100;

export function deliveriesQuery({ weft, scope }: Api, messageId: string) {
  return queryOptions({
    queryKey: [...scope, "deliveries", messageId],
    queryFn: ({ signal }) => weft.webhooks.listMessageDeliveries(messageId, { limit: shownMax }, { signal }),
  });
}

/** The deliveries of a message, each with a timeline of its attempts. */
export function Deliveries({ message }: { message: MessageWithAttempts }) {
  const { data, error, refetch } = useQuery(deliveriesQuery(useApi(), message.id));
  const resend = useResend(message.id);
  const mayWrite = useMay("write");
  const { deliveries } = texts.messages;
  const made = (data?.items.filter((item): item is Made => item.state !== null) ?? []).toSorted(failedFirst);
  const unmade = data?.items.filter(({ state }) => state === null) ?? [];
  const canResend = mayWrite && made.some(({ state }) => state !== "cancelled");
  return (
    <Card
      title={deliveries.title}
      term="delivery"
      actions={
        canResend && (
          <>
            <RecoverSimilar message={message} deliveries={made} />
            <Button size="small" busy={resend.isPending} onPress={() => resend.mutate(undefined)}>
              <RotateCw size={14} aria-hidden="true" />
              {deliveries.resendAll}
            </Button>
          </>
        )
      }
      flush
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && made.length === 0 && <Empty title={deliveries.none}>{deliveries.noneNext}</Empty>}
      <ol className={styles.list}>
        {made.map((delivery) => (
          <DeliveryEntry
            key={delivery.subscription_id}
            messageId={message.id}
            delivery={delivery}
            attempts={attemptsOf(message, delivery)}
            onResend={mayWrite ? () => resend.mutate(delivery.subscription_id) : null}
          />
        ))}
      </ol>
      {unmade.length > 0 && <Undelivered deliveries={unmade} />}
      <CompareAttempts attempts={message.delivery_attempts ?? []} />
    </Card>
  );
}

const order: readonly Made["state"][] = ["failed", "due", "claimed", "skipped", "cancelled", "delivered"];

function failedFirst(left: Made, right: Made): number {
  return order.indexOf(left.state) - order.indexOf(right.state);
}

/** Subscriptions that the message did not go to, each with the reason. */
function Undelivered({ deliveries: listed }: { deliveries: readonly MessageDelivery[] }) {
  const { deliveries } = texts.messages;
  return (
    <ul className={styles.list} aria-label={deliveries.undelivered}>
      {listed.map(({ subscription_id, url, outcome, reason, settings }) => (
        <li key={subscription_id} className={styles.delivery}>
          <header className={styles.head}>
            <div className={styles.where}>
              <Badge tone={outcome === "waiting" ? "info" : "quiet"}>{deliveries.outcomes[outcome]}</Badge>
              <Link to="/subscriptions/$subscriptionId" params={{ subscriptionId: subscription_id }}>
                <Url>{url}</Url>
              </Link>
            </div>
          </header>
          <p className={styles.note}>
            {reason?.detail} {settings === "changed" && deliveries.settingsChanged}
          </p>
          {reason?.filter != null && (
            <p className={styles.note}>
              {deliveries.filter(reason.filter.path, reason.filter.value, reason.filter.wanted)}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function attemptsOf(message: MessageWithAttempts, delivery: Made): Attempt[] {
  return (message.delivery_attempts ?? [])
    .filter((attempt) => attempt.endpoint_id === delivery.subscription_id && attempt.status !== "pending")
    .toSorted((a, b) => a.attempt_number - b.attempt_number);
}

function useResend(messageId: string) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (subscriptionId: string | undefined) =>
      weft.webhooks.resendMessage(messageId, subscriptionId === undefined ? {} : { subscription_id: subscriptionId }),
    onSuccess: async ({ subscription_ids }) => {
      showDone(texts.messages.deliveries.resent(subscription_ids.length));
      await queryClient.invalidateQueries({ queryKey: [...scope, "deliveries", messageId] });
      await queryClient.invalidateQueries({ queryKey: [...scope, "message", messageId] });
    },
    onError: showProblem,
  });
}

/** The reason in one sentence, with the result of the last attempt of a failed delivery. */
function explanationOf({ state, reason }: Made, attempts: readonly Attempt[]): string {
  const last = attempts.at(-1);
  if (state !== "failed" || last === undefined) return reason?.detail ?? "";
  return `${texts.messages.deliveries.lastResult(outcomeOf(last), firstLineOf(last))} ${reason?.detail ?? ""}`;
}

const firstLineLengthMax = 200;

function firstLineOf({ error, response }: Attempt): string | null {
  const [line = ""] = (error ?? response ?? "").trim().split("\n", 1);
  return line === "" ? null : line.slice(0, firstLineLengthMax);
}

interface DeliveryEntryProps {
  readonly messageId: string;
  readonly delivery: Made;
  readonly attempts: readonly Attempt[];
  readonly onResend: (() => void) | null;
}

function DeliveryEntry({ messageId, delivery, attempts, onResend }: DeliveryEntryProps) {
  const { attempt: shown } = useSearch({ from: "/messages/$messageId" });
  const navigate = useNavigate({ from: "/messages/$messageId" });
  const { deliveries } = texts.messages;
  return (
    <li className={styles.delivery}>
      <header className={styles.head}>
        <div className={styles.where}>
          <Badge tone={tones[delivery.state]}>{deliveries.states[delivery.state]}</Badge>
          <Link to="/subscriptions/$subscriptionId" params={{ subscriptionId: delivery.subscription_id }}>
            <Url>{delivery.url}</Url>
          </Link>
        </div>
        <Line>
          {delivery.next_attempt_at !== null && (
            <Quiet>
              {deliveries.next(delivery.attempts + 1, delivery.attempts + delivery.attempts_left)}{" "}
              <TimeUntil at={delivery.next_attempt_at} />
            </Quiet>
          )}
          {onResend !== null && delivery.state !== "cancelled" && (
            <Button size="small" onPress={onResend}>
              <RotateCw size={14} aria-hidden="true" />
              {deliveries.resend}
            </Button>
          )}
        </Line>
      </header>
      {delivery.held_back !== null && <Notice tone="warning">{deliveries.heldBack(delivery.held_back.reason)}</Notice>}
      {delivery.reason !== null && <p className={styles.note}>{explanationOf(delivery, attempts)}</p>}
      <ol className={styles.timeline} aria-label={deliveries.attempts}>
        {attempts.map((attempt) => (
          <AttemptEntry
            key={attempt.id}
            messageId={messageId}
            attempt={attempt}
            isOpen={attempt.id === shown}
            onToggle={(isOpen) =>
              void navigate({
                search: (before) => ({ ...before, attempt: isOpen ? attempt.id : undefined }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        ))}
      </ol>
    </li>
  );
}
