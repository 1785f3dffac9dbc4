import { type ReactNode, useEffect } from "react";
import { texts } from "../texts/texts.ts";
import styles from "./page.module.css";

interface PageProps {
  /** Stands above the page and in the browser's tab. */
  readonly title: string;
  /** Shown beside the title: states and the like. */
  readonly aside?: ReactNode;
  /** What the page is about, in a sentence. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** The way back up, above the title. */
  readonly above?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, aside, lead, actions, above, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${texts.product}`;
  }, [title]);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.titles}>
          {above !== undefined && <div className={styles.above}>{above}</div>}
          <div className={styles.title}>
            <h1 tabIndex={-1} id="page-title">
              {title}
            </h1>
            {aside}
          </div>
          {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Things above each other, with the distance that pages keep. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}

/** Cards beside each other where there is room for them. */
export function Columns({ children }: { children: ReactNode }) {
  return <div className={styles.columns}>{children}</div>;
}

/** Small things in a line that wraps. */
export function Line({ children }: { children: ReactNode }) {
  return <div className={styles.line}>{children}</div>;
}

/** Text of second rank. */
export function Quiet({ children }: { children: ReactNode }) {
  return <span className={styles.quiet}>{children}</span>;
}
