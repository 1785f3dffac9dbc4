import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { EventType } from "@weft/sdk";
import { eventTypesQuery } from "../../api/event-types.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Code } from "../../ui/code.tsx";
import { JsonView } from "../../ui/json/json-view.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Columns, Page, Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { pythonExample, typescriptExample } from "./example-code.ts";
import { ReceiveIt } from "./receive-it.tsx";
import { type SchemaField, schemaFields } from "./schema-fields.ts";

/** One event type: its meaning, its payload, and code that receives it. */
export function EventTypePage() {
  const { name } = useParams({ from: "/event-types/$name" });
  const { data, error, refetch } = useQuery(eventTypesQuery(useApi()));
  const type = data?.find((known) => known.name === name);
  const mayWrite = useMay("write");
  const above = <Link to="/event-types">{texts.eventTypes.back}</Link>;
  if (data !== undefined && type === undefined) {
    return (
      <Page title={name} above={above}>
        <Empty title={texts.eventTypes.notFound} />
      </Page>
    );
  }
  return (
    <Page
      title={name}
      above={above}
      lead={type?.description}
      actions={
        <>
          <Link to="/messages" search={{ types: [name] }} className={buttonClass()}>
            {texts.eventTypes.messages}
          </Link>
          {mayWrite && (
            <Link to="/subscriptions/new" search={{ types: [name] }} className={buttonClass("primary")}>
              {texts.eventTypes.subscribe}
            </Link>
          )}
        </>
      }
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {type !== undefined && (
        <>
          <Columns>
            <Card title={texts.eventTypes.fields} flush>
              <Table
                label={texts.eventTypes.fields}
                columns={columns}
                rows={schemaFields(type.schema)}
                rowKey={({ path }) => path}
                empty={<Empty title={texts.common.none} />}
              />
            </Card>
            <Card title={texts.eventTypes.example}>
              <Example type={type} />
            </Card>
          </Columns>
          <Card title={texts.eventTypes.receive}>
            <ReceiveIt eventType={name} />
          </Card>
          <Card title={texts.eventTypes.schema} flush>
            <JsonView text={JSON.stringify(type.schema)} label={texts.eventTypes.schema} />
          </Card>
        </>
      )}
    </Page>
  );
}

const { fieldColumns } = texts.eventTypes;

const columns: readonly Column<SchemaField>[] = [
  {
    key: "name",
    header: fieldColumns.name,
    cell: ({ path, type, isRequired }) => (
      <>
        <code>{path}</code>
        <br />
        <Quiet>
          <code>{type}</code>, {isRequired ? texts.eventTypes.required : texts.eventTypes.optional}
        </Quiet>
      </>
    ),
  },
  { key: "description", header: fieldColumns.description, cell: ({ description }) => <Quiet>{description}</Quiet> },
];

const languages = ["json", "typescript", "python"] as const;

function Example({ type }: { type: EventType }) {
  const { language } = useSearch({ from: "/event-types/$name" });
  const navigate = useNavigate({ from: "/event-types/$name" });
  const words = texts.eventTypes;
  if (type.example === null) return <Quiet>{words.noExample}</Quiet>;
  const { example } = type;
  return (
    <Tabs
      label={words.example}
      value={languages.find((known) => known === language) ?? "json"}
      onChange={(next) =>
        void navigate({ search: (before) => ({ ...before, language: next }), replace: true, resetScroll: false })
      }
      tabs={[
        {
          value: "json",
          label: words.languages.json,
          content: <JsonView text={JSON.stringify(example)} label={words.example} />,
        },
        {
          value: "typescript",
          label: words.languages.typescript,
          content: <Code text={typescriptExample(example)} label={words.example} />,
        },
        {
          value: "python",
          label: words.languages.python,
          content: <Code text={pythonExample(example)} label={words.example} />,
        },
      ]}
    />
  );
}
