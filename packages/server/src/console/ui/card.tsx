import type { ReactNode } from "react";
import styles from "./card.module.css";

interface CardProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Lets tables and code extend to the edges. */
  readonly flush?: boolean;
  readonly label?: string;
}

/** A self-contained part of a page. */
export function Card({ title, actions, children, flush = false, label }: CardProps) {
  return (
    <section className={styles.card} aria-label={label}>
      {(title !== undefined || actions !== undefined) && (
        <header className={styles.head}>
          {title !== undefined && <h2>{title}</h2>}
          {actions !== undefined && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </section>
  );
}

/** Names with their values, in two columns if there is room. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A large figure. */
export function Figure({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className={styles.figure}>
      <p className={styles.figureName}>{name}</p>
      <p className={styles.figureValue}>{children}</p>
      <p className={styles.figureNote}>{note ?? " "}</p>
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <div className={styles.figures}>{children}</div>;
}
