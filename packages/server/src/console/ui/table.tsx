import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { texts } from "../texts/texts.ts";
import styles from "./table.module.css";

export interface Column<Row> {
  readonly key: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** `number`: right-aligned, with aligned digits. */
  readonly align?: "number";
  /** Hidden on narrow screens. */
  readonly from?: "tablet" | "desktop";
  /** As narrow as its content. */
  readonly tight?: boolean;
}

interface TableProps<Row> {
  /** The content of the table, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while they are loading: then the table reserves their space. */
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string;
  /** The link of a row; its first cell becomes the link and the whole row can be clicked. */
  readonly rowLink?: (row: Row) => LinkProps;
  /** Shown when there are no rows. */
  readonly empty: ReactNode;
  readonly rowsExpected?: number;
}

export function Table<Row>({ label, columns, rows, rowKey, rowLink, empty, rowsExpected = 8 }: TableProps<Row>) {
  if (rows !== undefined && rows.length === 0) return <div className={styles.empty}>{empty}</div>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.scroller} aria-label={label} tabIndex={0}>
      <table className={styles.table} aria-busy={rows === undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={cellClass(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined
            ? Array.from({ length: rowsExpected }, (_, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows that wait have nothing else
                <tr key={index}>
                  {columns.map((column) => (
                    <td key={column.key} className={cellClass(column)}>
                      <span className={styles.waiting} role="presentation" />
                    </td>
                  ))}
                </tr>
              ))
            : rows.map((row) => (
                <tr key={rowKey(row)} className={rowLink === undefined ? undefined : styles.linked}>
                  {columns.map((column, index) => (
                    <td key={column.key} className={cellClass(column)}>
                      {index === 0 && rowLink !== undefined ? (
                        <Link {...rowLink(row)} className={styles.link}>
                          {column.cell(row)}
                        </Link>
                      ) : (
                        column.cell(row)
                      )}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
    </section>
  );
}

function cellClass({ align, from, tight }: Column<never>): string {
  return [align === "number" && styles.number, from !== undefined && styles[from], tight === true && styles.tight]
    .filter(Boolean)
    .join(" ");
}

interface PagerProps {
  /** Null on the first page. */
  readonly onFirst: (() => void) | null;
  /** Null on the last page. */
  readonly onNext: (() => void) | null;
  readonly children?: ReactNode;
}

/** The page navigation of a list; the browser's Back button works. */
export function Pager({ onFirst, onNext, children }: PagerProps) {
  if (onFirst === null && onNext === null && children === undefined) return null;
  return (
    <nav className={styles.pager} aria-label={texts.common.pages}>
      <span className={styles.pagerNote}>{children}</span>
      <button type="button" className={styles.pagerButton} disabled={onFirst === null} onClick={onFirst ?? undefined}>
        {texts.common.newest}
      </button>
      <button type="button" className={styles.pagerButton} disabled={onNext === null} onClick={onNext ?? undefined}>
        {texts.common.older}
      </button>
    </nav>
  );
}
