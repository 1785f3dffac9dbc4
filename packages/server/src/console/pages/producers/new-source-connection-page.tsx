import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { Source } from "@weft/sdk";
import { sourcesQuery } from "../../api/producers.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Page, Quiet } from "../../ui/page.tsx";
import { ConnectionForm } from "./connection-form.tsx";
import styles from "./source-choice.module.css";

const words = texts.producers.form;

/** Creates a source connection: the user selects the source first, then its settings. */
export function NewSourceConnectionPage() {
  const { source: chosen, collection } = useSearch({ from: "/source-connections/new" });
  const { data, error, refetch } = useQuery(sourcesQuery(useApi()));
  const source = data?.find(({ short_name }) => short_name === chosen);
  return (
    <Page
      title={words.title}
      above={<Link to="/source-connections">{texts.producers.connections.back}</Link>}
      lead={source === undefined ? words.choose : undefined}
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && source === undefined && <SourceChoice sources={data} collection={collection} />}
      {source !== undefined && <ConnectionForm key={source.short_name} source={source} collection={collection} />}
    </Page>
  );
}

function SourceChoice({ sources, collection }: { sources: readonly Source[]; collection: string | undefined }) {
  if (sources.length === 0) return <Empty title={words.noSources} />;
  return (
    <ul className={styles.sources}>
      {sources.map((source) => (
        <li key={source.short_name} className={styles.source}>
          <Link to="/source-connections/new" search={{ collection, source: source.short_name }} className={styles.name}>
            {source.name}
          </Link>
          <Quiet>{source.description}</Quiet>
          <Line>
            {source.labels.map((label) => (
              <Tag key={label}>{label}</Tag>
            ))}
          </Line>
        </li>
      ))}
    </ul>
  );
}
