import { texts } from "../texts/texts.ts";
import styles from "./code.module.css";
import { CopyButton } from "./copy-button.tsx";

/** Text to copy, such as a program or a command. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div className={styles.frame}>
      <div className={styles.copy}>
        <CopyButton text={text} label={texts.common.copy} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.scroller} aria-label={label} tabIndex={0}>
        <pre>{text}</pre>
      </section>
    </div>
  );
}

/** A short text in a monospaced font, such as an id, with a copy button. */
export function CopyText({ text, label }: { text: string; label: string }) {
  return (
    <span className={styles.copyText}>
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </span>
  );
}
