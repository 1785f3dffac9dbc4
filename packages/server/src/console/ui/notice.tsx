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

/** A notice to read before continuing. */
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

/** A failed read or action, with its reason and a retry button. */
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
  /** The next step for the user. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Shown in an empty list, with the way to create the first item. */
export function Empty({ title, children, actions }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.emptyText}>{children}</div>}
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
