import type { ReactNode } from "react";
import type { TermName } from "../../domain/glossary.ts";
import styles from "./card.module.css";
import { Definition } from "./definition.tsx";

interface CardProps {
  readonly title?: ReactNode;
  /** The term whose definition a button next to the title shows. */
  readonly term?: TermName;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Lets tables and code extend to the edges. */
  readonly flush?: boolean;
  readonly label?: string;
}

/** A self-contained part of a page. */
export function Card({ title, term, actions, children, flush = false, label }: CardProps) {
  return (
    <section className={styles.card} aria-label={label}>
      {(title !== undefined || actions !== undefined) && (
        <header className={styles.head}>
          {title !== undefined && (
            <div className={styles.title}>
              <h2>{title}</h2>
              {term !== undefined && <Definition of={term} />}
            </div>
          )}
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

interface FigureProps {
  readonly name: string;
  /** The term whose definition a button next to the name shows. */
  readonly term?: TermName;
  readonly children: ReactNode;
  readonly note?: ReactNode;
}

/** A large figure. */
export function Figure({ name, term, children, note }: FigureProps) {
  return (
    <div className={styles.figure}>
      <div className={styles.figureName}>
        {name}
        {term !== undefined && <Definition of={term} />}
      </div>
      <p className={styles.figureValue}>{children}</p>
      <p className={styles.figureNote}>{note ?? " "}</p>
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <div className={styles.figures}>{children}</div>;
}
