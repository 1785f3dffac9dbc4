import { CircleQuestionMark } from "lucide-react";
import { useId } from "react";
import type { TermName } from "../../domain/glossary.ts";
import { texts } from "../texts/texts.ts";
import styles from "./definition.module.css";

/** A button that shows the definition of a term. */
export function Definition({ of }: { of: TermName }) {
  const id = useId();
  const { name, meaning } = texts.terms[of];
  return (
    <>
      <button type="button" className={styles.button} popoverTarget={id} aria-label={texts.common.definition(name)}>
        <CircleQuestionMark size={14} aria-hidden="true" />
      </button>
      <div id={id} popover="auto" className={styles.popover}>
        <strong>{name}</strong>
        <p>{meaning}</p>
      </div>
    </>
  );
}
