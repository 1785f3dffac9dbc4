import type { ReactNode } from "react";
import { problemOf } from "../api/problem.ts";
import { texts } from "../texts/texts.ts";
import { Button } from "./button.tsx";
import styles from "./notice.module.css";

interface NoticeProps {
  readonly tone?: "info" | "warning" | "bad" | "good";
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Something to know before going on. */
export function Notice({ tone = "info", title, children, actions }: NoticeProps) {
  return (
    <div className={[styles.notice, styles[tone]].join(" ")} role={tone === "bad" ? "alert" : "status"}>
      <div className={styles.text}>
        {title !== undefined && <p className={styles.title}>{title}</p>}
        {children}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

/** What could not be read or done, why, and a way to try again. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = problemOf(error);
  return (
    <Notice
      tone="bad"
      title={problem.title}
      actions={onRetry !== undefined && <Button onPress={onRetry}>{texts.common.tryAgain}</Button>}
    >
      {problem.mistakes.length > 0 && (
        <ul>
          {problem.mistakes.map((mistake) => (
            <li key={mistake}>{mistake}</li>
          ))}
        </ul>
      )}
      {problem.requestId !== null && <p className={styles.request}>{texts.common.requestId(problem.requestId)}</p>}
    </Notice>
  );
}

interface EmptyProps {
  readonly title: string;
  /** What to do next. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Stands where nothing is yet, and says how something comes to be there. */
export function Empty({ title, children, actions }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.emptyText}>{children}</div>}
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
