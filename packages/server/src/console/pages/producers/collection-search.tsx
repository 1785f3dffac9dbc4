import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { SearchResponse } from "@weft/sdk";
import { Search } from "lucide-react";
import { type ReactNode, useState } from "react";
import { connectionsOfCollectionQuery, sourcesQuery } from "../../api/producers.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import styles from "./collection-search.module.css";

const shownMax = 50;
const words = texts.producers.collection;

type Result = SearchResponse["results"][number];

/** Searches the collection for words, and shows where they occur. */
export function CollectionSearch({ readableId }: { readableId: string }) {
  const { weft, scope } = useApi();
  const { query = "", source, type } = useSearch({ from: "/collections/$readableId" });
  const navigate = useNavigate({ from: "/collections/$readableId" });
  const [text, setText] = useState(query);
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "collection", readableId, "search", query, source, type],
    queryFn: ({ signal }) => {
      const filters = { source_types: optionalList(source), types: optionalList(type) };
      return weft.collections.searchCollection(readableId, { query, limit: shownMax, ...filters }, { signal });
    },
    enabled: query !== "",
    placeholderData: keepPreviousData,
  });
  function filter(changes: Filters): void {
    void navigate({ search: (before) => ({ ...before, ...changes }), resetScroll: false });
  }
  return (
    <Card title={words.search} flush>
      <search>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            filter({ query: text.trim() || undefined });
          }}
        >
          <TextField
            label={words.query}
            hideLabel
            placeholder={words.queryPlaceholder}
            type="search"
            value={text}
            onChange={setText}
          />
          <SearchFilters readableId={readableId} source={source} type={type} onChange={filter} />
          <Button type="submit">
            <Search size={15} aria-hidden="true" />
            {words.find}
          </Button>
        </form>
      </search>
      {query !== "" && error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {query !== "" && data !== undefined && <Results results={data.results} />}
    </Card>
  );
}

interface Filters {
  readonly query?: string | undefined;
  readonly source?: string | undefined;
  readonly type?: string | undefined;
}

interface SearchFiltersProps {
  readonly readableId: string;
  readonly source: string | undefined;
  readonly type: string | undefined;
  readonly onChange: (filters: Filters) => void;
}

/** Selects one of the collection's sources, and one of the types of entities that they have. */
function SearchFilters({ readableId, source, type, onChange }: SearchFiltersProps) {
  const api = useApi();
  const connections = useQuery(connectionsOfCollectionQuery(api, readableId)).data ?? [];
  const offered = useQuery(sourcesQuery(api)).data ?? [];
  const names = distinct([...connections.map(({ short_name }) => short_name), ...optionalList(source)]);
  const searched = offered.filter(({ short_name }) =>
    source === undefined ? names.includes(short_name) : short_name === source,
  );
  const types = distinct([...searched.flatMap((one) => one.output_entity_definitions), ...optionalList(type)]);
  return (
    <>
      <Select
        label={words.source}
        hideLabel
        value={source ?? ""}
        onChange={(next) => onChange({ source: next || undefined, type: undefined })}
        options={[{ value: "", label: words.anySource }, ...names.map((name) => ({ value: name, label: name }))]}
      />
      <Select
        label={words.type}
        hideLabel
        value={type ?? ""}
        onChange={(next) => onChange({ type: next || undefined })}
        options={[{ value: "", label: words.anyType }, ...types.map((name) => ({ value: name, label: name }))]}
      />
    </>
  );
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function optionalList(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}

function Results({ results }: { results: readonly Result[] }) {
  if (results.length === 0) return <Empty title={words.noResults}>{words.noResultsNext}</Empty>;
  return (
    <>
      <ol className={styles.results} aria-label={words.results}>
        {results.map((result) => (
          <li key={`${result.entity_id} ${result.chunk_index}`} className={styles.result}>
            <p className={styles.name}>
              <ResultName result={result} />
            </p>
            <p className={styles.snippet}>{marked(result)}</p>
            <Line>
              <Tag>{result.source_type}</Tag>
              <Tag>{result.type}</Tag>
              <Quiet>
                {words.updated} <TimeAgo at={result.updated_at} />
              </Quiet>
            </Line>
          </li>
        ))}
      </ol>
      {results.length === shownMax && <p className={styles.note}>{words.onlyBest(shownMax)}</p>}
    </>
  );
}

/** Sources define locations; only a web address becomes a link. */
function ResultName({ result: { name, url } }: { result: Result }) {
  const protocol = url === null ? undefined : URL.parse(url)?.protocol;
  if (url === null || (protocol !== "https:" && protocol !== "http:")) return name;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {name}
    </a>
  );
}

function marked({ snippet, matches }: Result): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const [from, to] of matches) {
    parts.push(snippet.slice(at, from), <mark key={from}>{snippet.slice(from, to)}</mark>);
    at = to;
  }
  parts.push(snippet.slice(at));
  return parts;
}
