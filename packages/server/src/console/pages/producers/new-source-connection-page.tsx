import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { sourcesQuery } from "../../api/producers.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Problem } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { showDone } from "../../ui/toast.tsx";
import { ConnectionForm } from "./connection-form.tsx";
import { SourceChoice } from "./source-choice.tsx";

const words = texts.producers.form;

/** Creates a source connection: the user selects the source first, then its settings. */
export function NewSourceConnectionPage() {
  const { source: chosen, collection } = useSearch({ from: "/source-connections/new" });
  const { data, error, refetch } = useQuery(sourcesQuery(useApi()));
  const navigate = useNavigate({ from: "/source-connections/new" });
  const source = data?.find(({ short_name }) => short_name === chosen);
  return (
    <Page
      title={words.title}
      above={<Link to="/source-connections">{texts.producers.connections.back}</Link>}
      lead={source === undefined ? words.choose : undefined}
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && source === undefined && (
        <SourceChoice
          sources={data}
          selector={({ short_name, name }, className) => (
            <Link to="/source-connections/new" search={{ collection, source: short_name }} className={className}>
              {name}
            </Link>
          )}
        />
      )}
      {source !== undefined && (
        <ConnectionForm
          key={source.short_name}
          source={source}
          collection={collection}
          onOtherSource={() => void navigate({ to: "/source-connections/new", search: { collection } })}
          onCancel={() => void navigate({ to: "/source-connections" })}
          onCreated={async ({ id }) => {
            showDone(words.created);
            await navigate({ to: "/source-connections/$sourceConnectionId", params: { sourceConnectionId: id } });
          }}
        />
      )}
    </Page>
  );
}
