import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Attempt } from "@weft/sdk";
import type { ReactNode } from "react";
import { texts } from "../../texts/texts.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { formatDuration } from "../../ui/format.ts";
import { TimeAt } from "../../ui/time.tsx";
import styles from "./compare-attempts.module.css";

/** The attempts that the address selects for the comparison. */
export function comparedAttempts(compare: string | undefined): string[] {
  return compare === undefined ? [] : compare.split("~");
}

/** Two attempts side by side, with their differences marked. */
export function CompareAttempts({ attempts }: { attempts: readonly Attempt[] }) {
  const { compare } = useSearch({ from: "/messages/$messageId" });
  const navigate = useNavigate({ from: "/messages/$messageId" });
  const [first, second] = comparedAttempts(compare)
    .flatMap((id) => attempts.filter((attempt) => attempt.id === id))
    .toSorted((a, b) => a.timestamp.localeCompare(b.timestamp));
  const isOpen = first !== undefined && second !== undefined;
  function close(): void {
    void navigate({ search: ({ compare: _, ...before }) => before, replace: true, resetScroll: false });
  }
  const { compare: words, attempt: names } = texts.messages;
  return (
    <Dialog open={isOpen} onClose={close} title={words.title} wide>
      {isOpen && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th />
              {[first, second].map((attempt) => (
                <th key={attempt.id} scope="col">
                  {names.number(attempt.attempt_number)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, text, shown }) => (
              <tr key={key} data-differs={text(first) !== text(second)}>
                <th scope="row">{words.rows[key]}</th>
                <td>{shown(first)}</td>
                <td>{shown(second)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Dialog>
  );
}

interface Row {
  readonly key: keyof typeof texts.messages.compare.rows;
  readonly text: (attempt: Attempt) => string;
  readonly shown: (attempt: Attempt) => ReactNode;
}

function row(key: Row["key"], text: Row["text"], shown: Row["shown"] = text): Row {
  return { key, text, shown };
}

const rows: readonly Row[] = [
  row(
    "at",
    ({ timestamp }) => timestamp,
    ({ timestamp }) => <TimeAt at={timestamp} />,
  ),
  row("trigger", ({ trigger }) => texts.messages.attempt.triggers[trigger] ?? trigger),
  row("status", ({ response_status_code: status }) =>
    status === 0 ? texts.messages.attempt.noResponse : texts.messages.attempt.status(status),
  ),
  row("duration", ({ duration_ms }) => formatDuration(duration_ms)),
  row("error", ({ error }) => error ?? "–"),
  row("headers", headersOf, (attempt) => <pre className={styles.body}>{headersOf(attempt)}</pre>),
  row(
    "body",
    ({ response }) => response ?? "",
    ({ response }) => <pre className={styles.body}>{response ?? "–"}</pre>,
  ),
];

function headersOf({ response_headers: headers }: Attempt): string {
  if (headers === null) return "–";
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
