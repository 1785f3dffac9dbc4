import type { Source } from "@weft/sdk";
import type { ReactNode } from "react";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Empty } from "../../ui/notice.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { Prose } from "../../ui/prose.tsx";
import styles from "./source-choice.module.css";

interface SourceChoiceProps {
  readonly sources: readonly Source[];
  /** The element that selects a source. It covers the whole card. */
  readonly selector: (source: Source, className: string) => ReactNode;
}

/** The sources that can be connected. */
export function SourceChoice({ sources, selector }: SourceChoiceProps) {
  if (sources.length === 0) return <Empty title={texts.producers.form.noSources} />;
  return (
    <ul className={styles.sources}>
      {sources.map((source) => (
        <li key={source.short_name} className={styles.source}>
          {selector(source, styles.name ?? "")}
          <Quiet>
            <Prose text={source.description} />
          </Quiet>
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
