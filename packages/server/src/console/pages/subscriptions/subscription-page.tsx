import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type SubscriptionDetail, WeftApiError } from "@weft/sdk";
import { useMay, useSession } from "../../api/session.tsx";
import { subscriptionQuery } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Card, Fact, Facts } from "../../ui/card.tsx";
import { CopyText } from "../../ui/code.tsx";
import { formatCount } from "../../ui/format.ts";
import { Empty, Notice, Problem } from "../../ui/notice.tsx";
import { Line, Page, Quiet } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { TimeAgo, TimeAt, TimeUntil } from "../../ui/time.tsx";
import { outcomeOf } from "../messages/attempt-entry.tsx";
import { AttemptsTab } from "./attempts-tab.tsx";
import { HealthBadge } from "./health-badge.tsx";
import { ReceiverAccessFacts } from "./receiver-access-facts.tsx";
import { RecoveryTab } from "./recovery-tab.tsx";
import { delaysText } from "./retry-delays.ts";
import { SecretTab } from "./secret-tab.tsx";
import { StatisticsTab } from "./statistics-tab.tsx";
import { SubscriptionActions } from "./subscription-actions.tsx";

const tabs = ["attempts", "statistics", "recovery", "secret"] as const;

/** One subscription: its health, its deliveries, and its actions. */
export function SubscriptionPage() {
  const api = useApi();
  const { subscriptionId } = useParams({ from: "/subscriptions/$subscriptionId" });
  const { data, error, refetch } = useQuery(subscriptionQuery(api, subscriptionId));
  const above = <Link to="/subscriptions">{texts.subscriptions.back}</Link>;
  if (error instanceof WeftApiError && error.status === 404) {
    return (
      <Page title={subscriptionId} above={above}>
        <Empty title={texts.subscriptions.notFound} />
      </Page>
    );
  }
  return (
    <Page
      title={data?.url ?? texts.common.loading}
      above={above}
      aside={data !== undefined && <HealthBadge subscription={data} />}
      lead={data?.description ?? undefined}
      actions={data !== undefined && <SubscriptionActions subscription={data} />}
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <States subscription={data} />
          <Card>
            <SubscriptionFacts subscription={data} />
          </Card>
          <SubscriptionTabs subscription={data} />
        </>
      )}
    </Page>
  );
}

/** The reason why deliveries do not arrive, if there is one. */
function States({ subscription }: { subscription: SubscriptionDetail }) {
  const { disabled, disabled_reason: reason, held_back: heldBack } = subscription;
  return (
    <>
      {!disabled && <Failing subscription={subscription} />}
      {disabled && (
        <Notice tone="warning" title={texts.subscriptions.disabled(reason ?? "")}>
          {texts.subscriptions.disabledNote}
        </Notice>
      )}
      {heldBack !== null && (
        <Notice tone="warning" title={texts.subscriptions.heldBack(heldBack.reason)}>
          {heldBack.next_try_at !== null && (
            <>
              {texts.subscriptions.heldBackNext} <TimeUntil at={heldBack.next_try_at} />
            </>
          )}
        </Notice>
      )}
    </>
  );
}

/** Why it is not healthy: its last failure, with a link to the details. */
function Failing({ subscription }: { subscription: SubscriptionDetail }) {
  const { health_status: health, delivery_attempts: attempts } = subscription;
  const last = attempts.find(({ status }) => status === "failed");
  if ((health !== "failing" && health !== "degraded") || last === undefined) return null;
  const { lastFailure, openFailure, healthReasons } = texts.subscriptions;
  const outcome = last.response_status_code === 0 ? (last.error ?? texts.messages.attempt.noResponse) : outcomeOf(last);
  return (
    <Notice
      tone={health === "failing" ? "bad" : "warning"}
      title={healthReasons[health]}
      actions={
        <Link to="/messages/$messageId" params={{ messageId: last.message_id }} search={{ attempt: last.id }}>
          {openFailure}
        </Link>
      }
    >
      {lastFailure(outcome)} <TimeAgo at={last.timestamp} />
    </Notice>
  );
}

/** The deliveries that wait for this subscription. */
function PendingFact({ subscriptionId }: { subscriptionId: string }) {
  const { weft, scope } = useApi();
  const { facts } = texts.subscriptions;
  const { data } = useQuery({
    queryKey: [...scope, "overview", "backlog"],
    queryFn: ({ signal }) => weft.webhooks.getBacklog({ signal }),
  });
  const own = data?.subscriptions.find(({ subscription_id }) => subscription_id === subscriptionId);
  return (
    <Fact name={facts.pending}>
      {own === undefined
        ? texts.common.none
        : facts.pendingCounts(formatCount(own.due + own.claimed), formatCount(own.later))}
    </Fact>
  );
}

/** The facts about a subscription that an agent made. */
function AgentFacts({
  subscription,
  mcp,
}: {
  subscription: SubscriptionDetail;
  mcp: NonNullable<SubscriptionDetail["mcp"]>;
}) {
  const { facts, agent } = texts.subscriptions;
  const given = Object.entries(mcp.arguments);
  return (
    <>
      <Fact name={facts.kind}>{agent(subscription.filter_types.join(", "))}</Fact>
      <Fact name={facts.agentArguments}>
        {given.length === 0 && <Quiet>{facts.agentArgumentsNone}</Quiet>}
        {given.map(([name, value]) => (
          <div key={name}>
            <code>
              {name}: {JSON.stringify(value)}
            </code>
          </div>
        ))}
      </Fact>
      <Fact name={facts.agentPrincipal}>
        <code>{mcp.principal}</code>
      </Fact>
      <Fact name={facts.agentId}>
        <CopyText text={mcp.subscription_id} label={texts.common.copyId} />
      </Fact>
      <Fact name={facts.agentEnds}>
        <TimeUntil at={mcp.expires_at} />
      </Fact>
    </>
  );
}

function SubscriptionFacts({ subscription }: { subscription: SubscriptionDetail }) {
  const { facts } = texts.subscriptions;
  const { retry_schedule: schedule, rate_limit: rateLimit, filters, headers, destination, template } = subscription;
  const { default_retry_schedule: defaultSchedule } = useSession();
  return (
    <Facts>
      {destination !== null && (
        <>
          <Fact name={facts.destination}>{texts.subscriptions.destinations[destination].name}</Fact>
          <Fact name={facts.template}>{template ?? <Quiet>{facts.templateNone}</Quiet>}</Fact>
        </>
      )}
      {subscription.mcp !== null && <AgentFacts subscription={subscription} mcp={subscription.mcp} />}
      {subscription.kind === "listener" && <Fact name={facts.kind}>{texts.subscriptions.listener}</Fact>}
      <Fact name={facts.types}>
        <Line>
          {subscription.filter_types.map((type) => (
            <Tag key={type}>{type}</Tag>
          ))}
        </Line>
      </Fact>
      <PendingFact subscriptionId={subscription.id} />
      <Fact name={facts.id}>
        <CopyText text={subscription.id} label={texts.common.copyId} />
      </Fact>
      <Fact name={facts.retries}>
        {schedule === null && <Quiet>{facts.retriesDefault(delaysText(defaultSchedule))}</Quiet>}
        {schedule?.length === 0 && facts.retriesNone}
        {schedule !== null && delaysText(schedule)}
      </Fact>
      <Fact name={facts.rate}>
        {rateLimit === null ? <Quiet>{facts.rateNone}</Quiet> : facts.ratePerSecond(rateLimit)}
      </Fact>
      <Fact name={facts.order}>{subscription.ordered ? facts.ordered : <Quiet>{facts.unordered}</Quiet>}</Fact>
      {subscription.send_trace_context && <Fact name={facts.trace}>{facts.traceSent}</Fact>}
      {filters !== null && subscription.mcp === null && (
        <Fact name={facts.filters}>
          {Object.entries(filters).map(([field, values]) => (
            <div key={field}>
              <code>
                {field}: {values.map((value) => JSON.stringify(value)).join(" | ")}
              </code>
            </div>
          ))}
        </Fact>
      )}
      {Object.keys(headers).length > 0 && (
        <Fact name={facts.headers}>
          {Object.entries(headers).map(([name, value]) => (
            <div key={name}>
              <code>
                {name}: {value}
              </code>
            </div>
          ))}
        </Fact>
      )}
      <ReceiverAccessFacts subscription={subscription} />
      <Fact name={facts.created}>
        <TimeAt at={subscription.created_at} />
      </Fact>
    </Facts>
  );
}

function SubscriptionTabs({ subscription }: { subscription: SubscriptionDetail }) {
  const { tab } = useSearch({ from: "/subscriptions/$subscriptionId" });
  const navigate = useNavigate({ from: "/subscriptions/$subscriptionId" });
  const mayWrite = useMay("write");
  // A notice is not signed, and an agent alone knows its secret.
  const hasSecret = subscription.destination === null && subscription.kind !== "mcp";
  const shown = tabs.find((known) => known === tab && (known !== "secret" || hasSecret)) ?? "attempts";
  const words = texts.subscriptions.tabs;
  return (
    <Tabs
      value={shown}
      onChange={(next) =>
        void navigate({
          search: ({ org }) => ({ org, tab: next === "attempts" ? undefined : next }),
          replace: true,
          resetScroll: false,
        })
      }
      label={subscription.url}
      tabs={[
        { value: "attempts", label: words.attempts, content: <AttemptsTab subscriptionId={subscription.id} /> },
        { value: "statistics", label: words.statistics, content: <StatisticsTab subscriptionId={subscription.id} /> },
        {
          value: "recovery",
          label: words.recovery,
          content: <RecoveryTab subscriptionId={subscription.id} mayWrite={mayWrite && !subscription.disabled} />,
        },
        ...(hasSecret
          ? [{ value: "secret" as const, label: words.secret, content: <SecretTab subscription={subscription} /> }]
          : []),
      ]}
    />
  );
}
