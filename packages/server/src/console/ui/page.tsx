import { type ReactNode, useEffect } from "react";
import { useProduct } from "../api/product.ts";
import styles from "./page.module.css";

interface PageProps {
  /** Shown above the page and in the browser's tab. */
  readonly title: string;
  /** Shown next to the title, such as states. */
  readonly aside?: ReactNode;
  /** The subject of the page, as a sentence. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** The link to the parent page, above the title. */
  readonly above?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, aside, lead, actions, above, children }: PageProps) {
  const product = useProduct();
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
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

/** Elements in a column, with the standard distance. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}

/** Cards side by side, if there is room. */
export function Columns({ children }: { children: ReactNode }) {
  return <div className={styles.columns}>{children}</div>;
}

/** Small elements in a line that wraps. */
export function Line({ children }: { children: ReactNode }) {
  return <div className={styles.line}>{children}</div>;
}

/** Secondary text. */
export function Quiet({ children }: { children: ReactNode }) {
  return <span className={styles.quiet}>{children}</span>;
}
