import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type EventTypeDefinition, WeftApiError } from "@weft/sdk";
import { eventTypeQuery } from "../../api/event-types.ts";
import { useMay, useMayDefineEventTypes } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Code } from "../../ui/code.tsx";
import { JsonView } from "../../ui/json/json-view.tsx";
import { Empty, Notice, Problem } from "../../ui/notice.tsx";
import { Columns, Page, Quiet } from "../../ui/page.tsx";
import { Prose } from "../../ui/prose.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { EventTypeActions } from "./event-type-actions.tsx";
import { EventTypeBadges } from "./event-type-badges.tsx";
import { pythonExample, typescriptExample } from "./example-code.ts";
import { PublishIt } from "./publish-it.tsx";
import { ReceiveIt } from "./receive-it.tsx";
import { type SchemaField, schemaFields } from "./schema-fields.ts";

/** One event type: its meaning, its payload, and code that receives it. */
export function EventTypePage() {
  const { name } = useParams({ from: "/event-types/$name" });
  const { data: type, error, refetch } = useQuery({ ...eventTypeQuery(useApi(), name), retry: isTemporary });
  const mayWrite = useMay("write");
  const mayPublish = useMay("publish");
  const mayDefine = useMayDefineEventTypes();
  const above = <Link to="/event-types">{texts.eventTypes.back}</Link>;
  if (error !== null && !isTemporary(0, error)) {
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
      lead={type === undefined ? undefined : <Prose text={type.description} />}
      aside={type !== undefined && <EventTypeBadges type={type} />}
      actions={
        <>
          <Link to="/messages" search={{ types: [name] }} className={buttonClass()}>
            {texts.eventTypes.messages}
          </Link>
          {type !== undefined && !type.built_in && mayDefine && <EventTypeActions type={type} />}
          {mayWrite && type?.archived !== true && (
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
          {type.archived && <Notice title={texts.eventTypes.archivedNote} />}
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
          {!type.built_in && mayPublish && (
            <Card title={texts.eventTypes.publish}>
              <PublishIt type={type} />
            </Card>
          )}
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

/** A 404 stays one, and is not asked for again. */
function isTemporary(failures: number, error: Error): boolean {
  return !(error instanceof WeftApiError && error.status === 404) && failures < 3;
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
  {
    key: "description",
    header: fieldColumns.description,
    cell: ({ description }) => (
      <Quiet>
        <Prose text={description} />
      </Quiet>
    ),
  },
];

const languages = ["json", "typescript", "python"] as const;

function Example({ type }: { type: EventTypeDefinition }) {
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
