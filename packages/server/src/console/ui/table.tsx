import { Link, type LinkProps } from "@tanstack/react-router";
import { ChevronDown, ChevronsUpDown, ChevronUp } from "lucide-react";
import type { ReactNode } from "react";
import type { Sorting } from "../sorting.ts";
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
  /** The name under which the list can be ordered by this column. */
  readonly sort?: string;
  /** The first order of the column is descending, such as that of times. */
  readonly sortsDescending?: boolean;
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
  /** The current order; null for the order of the list itself. */
  readonly sorting?: Sorting | null;
  /** Called with the order to apply; null for the order of the list itself. */
  readonly onSort?: (sorting: Sorting | null) => void;
}

export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, rowKey, rowLink, empty, rowsExpected = 8, sorting = null, onSort } = props;
  if (rows !== undefined && rows.length === 0) return <div className={styles.empty}>{empty}</div>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.scroller} aria-label={label} tabIndex={0}>
      <table className={styles.table} aria-busy={rows === undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cellClass(column)}
                aria-sort={column.sort === undefined ? undefined : ariaSort(column, sorting)}
              >
                {column.sort === undefined || onSort === undefined ? (
                  column.header
                ) : (
                  <button type="button" className={styles.sort} onClick={() => onSort(nextSorting(column, sorting))}>
                    {column.header}
                    <SortIcon state={ariaSort(column, sorting)} />
                  </button>
                )}
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

type Sorted = Pick<Column<never>, "sort" | "sortsDescending">;

function ariaSort({ sort }: Sorted, sorting: Sorting | null): "ascending" | "descending" | "none" {
  if (sorting?.by !== sort) return "none";
  return sorting?.descending === true ? "descending" : "ascending";
}

/** A column's first order, then the reverse, then the order of the list itself. */
function nextSorting({ sort = "", sortsDescending = false }: Sorted, sorting: Sorting | null): Sorting | null {
  if (sorting?.by !== sort) return { by: sort, descending: sortsDescending };
  return sorting.descending === sortsDescending ? { by: sort, descending: !sortsDescending } : null;
}

function SortIcon({ state }: { state: ReturnType<typeof ariaSort> }) {
  const Icon = state === "none" ? ChevronsUpDown : state === "ascending" ? ChevronUp : ChevronDown;
  return <Icon size={13} aria-hidden="true" />;
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
