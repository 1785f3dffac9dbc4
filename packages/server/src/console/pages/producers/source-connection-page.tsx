import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { type SourceConnection, WeftApiError } from "@weft/sdk";
import { sourceConnectionQuery, sourcesQuery } from "../../api/producers.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Card, Fact, Facts } from "../../ui/card.tsx";
import { CopyText } from "../../ui/code.tsx";
import { formatCount } from "../../ui/format.ts";
import { Empty, Notice, Problem } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { TimeAt, TimeUntil } from "../../ui/time.tsx";
import { ConnectButton } from "./connect-button.tsx";
import { ConnectionActions } from "./connection-actions.tsx";
import { ScheduleCard } from "./schedule-card.tsx";
import { ConnectionStatus } from "./status-badges.tsx";
import { SyncJobs } from "./sync-jobs.tsx";

const words = texts.producers.connection;

/** One source connection: its syncs, its next sync, and its actions. */
export function SourceConnectionPage() {
  const api = useApi();
  const { sourceConnectionId } = useParams({ from: "/source-connections/$sourceConnectionId" });
  const { data, error, refetch } = useQuery(sourceConnectionQuery(api, sourceConnectionId));
  const { data: sources } = useQuery(sourcesQuery(api));
  const above = <Link to="/source-connections">{texts.producers.connections.back}</Link>;
  if (error instanceof WeftApiError && error.status === 404) {
    return (
      <Page title={sourceConnectionId} above={above}>
        <Empty title={texts.producers.connections.notFound} />
      </Page>
    );
  }
  const source = sources?.find(({ short_name }) => short_name === data?.short_name);
  return (
    <Page
      title={data?.name ?? texts.common.loading}
      above={above}
      aside={data !== undefined && <ConnectionStatus status={data.status} />}
      lead={data?.description ?? undefined}
      actions={data !== undefined && <ConnectionActions connection={data} source={source} />}
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <States connection={data} />
          <Card>
            <ConnectionFacts connection={data} />
          </Card>
          <ScheduleCard connection={data} source={source} />
          <SyncJobs connection={data} />
          <SettingsCard config={data.config} />
        </>
      )}
    </Page>
  );
}

/** The reason why it cannot be synced, or its last error. */
function States({ connection }: { connection: SourceConnection }) {
  const { access } = useSearch({ from: "/source-connections/$sourceConnectionId" });
  const mayWrite = useMay("write");
  const { status, error_message: failure } = connection;
  const connect = mayWrite && <ConnectButton connection={connection} />;
  return (
    <>
      {access === "granted" && <Notice tone="good">{words.granted}</Notice>}
      {access !== undefined && access !== "granted" && <Notice tone="bad">{words.refused(access)}</Notice>}
      {status === "pending_auth" && (
        <Notice tone="warning" title={words.pendingTitle} actions={connect}>
          {words.pendingNote}
        </Notice>
      )}
      {status === "needs_reauth" && (
        <Notice tone="warning" title={words.reauthTitle} actions={connect}>
          {words.reauthNote}
        </Notice>
      )}
      {failure !== null && (
        <Notice tone="bad" title={words.failedTitle}>
          {failure}
        </Notice>
      )}
    </>
  );
}

function ConnectionFacts({ connection }: { connection: SourceConnection }) {
  const { facts } = words;
  const { auth, entities, readable_collection_id: readableId } = connection;
  return (
    <Facts>
      <Fact name={facts.source}>
        <Tag>{connection.short_name}</Tag>
      </Fact>
      <Fact name={facts.collection}>
        <Link to="/collections/$readableId" params={{ readableId }}>
          {readableId}
        </Link>
      </Fact>
      <Fact name={facts.entities}>
        {formatCount(entities.total_entities)}{" "}
        {Object.keys(entities.by_type).map((type) => (
          <Tag key={type}>{type}</Tag>
        ))}
      </Fact>
      <Fact name={facts.id}>
        <CopyText text={connection.id} label={texts.common.copyId} />
      </Fact>
      {auth.authenticated_at !== null && (
        <Fact name={facts.authenticated}>
          <TimeAt at={auth.authenticated_at} />
        </Fact>
      )}
      {auth.expires_at !== null && (
        <Fact name={facts.expires}>
          <TimeUntil at={auth.expires_at} />
        </Fact>
      )}
      <Fact name={facts.created}>
        <TimeAt at={connection.created_at} />
      </Fact>
    </Facts>
  );
}

function SettingsCard({ config }: Pick<SourceConnection, "config">) {
  const settings = Object.entries(config);
  if (settings.length === 0) return null;
  return (
    <Card title={words.settings}>
      <Facts>
        {settings.map(([name, value]) => (
          <Fact key={name} name={name}>
            <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}
