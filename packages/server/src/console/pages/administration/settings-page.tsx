import { useQuery } from "@tanstack/react-query";
import type { EffectiveSettings } from "@weft/sdk";
import { useMay, useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card, Fact, Facts } from "../../ui/card.tsx";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page, Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";

const words = texts.administration.settings;

/** The effective settings of the installation, for its operators. */
export function SettingsPage() {
  const { weft, scope } = useApi();
  const { is_operator: isOperator } = useSession();
  const isAdmin = useMay("admin");
  const mayRead = isOperator && isAdmin;
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "settings"],
    queryFn: ({ signal }) => weft.organizations.getSettings({ signal }),
    enabled: mayRead,
  });
  return (
    <Page title={texts.frame.pages.settings} lead={words.lead}>
      {!mayRead && <Empty title={words.onlyOperators} />}
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <SettingsCards settings={data} />}
    </Page>
  );
}

function SettingsCards({ settings }: { settings: EffectiveSettings }) {
  const { version, command, database, features, limits } = settings;
  return (
    <>
      <Card title={words.about}>
        <Facts>
          <Fact name={words.version}>{version}</Fact>
          <Fact name={words.command}>
            <code>weft {command}</code>
          </Fact>
          <Fact name={words.database}>{words.databases[database]}</Fact>
          <Fact name={words.api}>
            <a href="/openapi.json">{words.openApi}</a>
          </Fact>
          <Fact name={words.docs}>{words.docsOf(version)}</Fact>
        </Facts>
      </Card>
      <Card title={words.features}>
        <Facts>
          {entriesOf(words.featureNames).map(([feature, name]) => (
            <Fact key={feature} name={name}>
              <Badge tone={features[feature] ? "good" : "quiet"}>{features[feature] ? words.on : words.off}</Badge>
            </Fact>
          ))}
        </Facts>
      </Card>
      <Card title={words.limits}>
        <Facts>
          {entriesOf(words.limitNames).map(([limit, name]) => (
            <Fact key={limit} name={name}>
              {isInBytes(limit) ? formatBytes(limits[limit]) : formatCount(limits[limit])}
            </Fact>
          ))}
        </Facts>
      </Card>
      <Card title={words.list} flush>
        <Table
          label={words.list}
          columns={columns}
          rows={settings.settings}
          rowKey={({ name }) => name}
          empty={<Empty title={texts.common.none} />}
        />
      </Card>
    </>
  );
}

function isInBytes(limit: string): boolean {
  return limit.split("_").includes("bytes");
}

function entriesOf<Key extends string>(names: Readonly<Record<Key, string>>): [Key, string][] {
  return Object.entries(names) as [Key, string][];
}

const columns: readonly Column<EffectiveSettings["settings"][number]>[] = [
  { key: "name", header: words.columns.name, cell: ({ name }) => <code>{name}</code> },
  {
    key: "value",
    header: words.columns.value,
    cell: ({ value }) => (value === null ? <Quiet>{words.unset}</Quiet> : <code>{value}</code>),
  },
];
