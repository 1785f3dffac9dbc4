import type { ReactNode } from "react";
import styles from "./badge.module.css";
import { Wrapped } from "./wrapped.tsx";

export type Tone = "good" | "warning" | "bad" | "info" | "quiet";

/** A state as a word. The meaning never depends on the colour alone. */
export function Badge({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string | undefined }) {
  return (
    <span className={[styles.badge, styles[tone]].join(" ")} title={title}>
      <span className={styles.dot} aria-hidden="true" />
      {children}
    </span>
  );
}

/** The name of a category, such as an event type. A long one wraps between its parts. */
export function Tag({ children }: { children: string }) {
  return (
    <code className={styles.tag}>
      <Wrapped text={children} after={/(?<=[._-])/} />
    </code>
  );
}
