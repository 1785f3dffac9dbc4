import { type UIEvent, useMemo, useState } from "react";
import { texts } from "../../texts/texts.ts";
import { CopyButton } from "../copy-button.tsx";
import { type JsonLine, jsonLines } from "./json-lines.ts";
import styles from "./json-view.module.css";

interface JsonViewProps {
  /** Shown as it is, or formatted if it is JSON. */
  readonly text: string;
  readonly label: string;
  readonly actions?: React.ReactNode;
}

// As in the style sheet, in rem: of very many lines, only visible ones are rendered.
const lineRem = 1.4286;
const drawnAtOnceMax = 500;
const linesAround = 60;
// Deeper levels would move the text out of view.
const depthShownMax = 24;

/** JSON in colour. It is never parsed into a value, and never interpreted as markup. */
export function JsonView({ text, label, actions }: JsonViewProps) {
  const lines = useMemo(() => jsonLines(text), [text]);
  const [firstInSight, setFirstInSight] = useState(0);
  function onScroll(event: UIEvent<HTMLElement>): void {
    const linePx = lineRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const first = Math.floor(event.currentTarget.scrollTop / linePx);
    // In steps, so that a scroll by one pixel does not render again.
    setFirstInSight(first - (first % 20));
  }
  const all = lines.length <= drawnAtOnceMax;
  const from = all ? 0 : Math.max(0, firstInSight - linesAround);
  const to = all ? lines.length : Math.min(lines.length, firstInSight + 2 * linesAround);
  return (
    <div className={styles.frame}>
      <div className={styles.actions}>
        {actions}
        <CopyButton text={text} label={texts.common.copy} />
      </div>
      <section
        className={styles.scroller}
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={all ? undefined : onScroll}
      >
        <pre className={styles.lines}>
          <div style={{ height: `${from * lineRem}rem` }} />
          {lines.slice(from, to).map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <Line key={from + index} line={line} />
          ))}
          <div style={{ height: `${(lines.length - to) * lineRem}rem` }} />
        </pre>
      </section>
    </div>
  );
}

function Line({ line: { depth, pieces } }: { line: JsonLine }) {
  return (
    <div className={styles.line} dir="ltr">
      {"  ".repeat(Math.min(depth, depthShownMax))}
      {pieces.map(({ kind, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line never move
        <span key={index} className={styles[kind]}>
          {text}
        </span>
      ))}
    </div>
  );
}
