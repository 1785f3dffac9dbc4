import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { problemOf } from "../api/problem.ts";
import { texts } from "../texts/texts.ts";
import styles from "./toast.module.css";

interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad";
  readonly title: string;
  readonly description: string;
}

const shownMs = { good: 5_000, bad: 12_000 } as const;
const shownMax = 4;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function show(next: readonly Toast[]): void {
  toasts = next;
  for (const notify of listeners) notify();
}

function dismiss(id: number): void {
  show(toasts.filter((toast) => toast.id !== id));
}

function add(tone: Toast["tone"], title: string, description = ""): void {
  const id = ++lastId;
  show([...toasts, { id, tone, title, description }].slice(-shownMax));
  setTimeout(() => dismiss(id), shownMs[tone]);
}

/** Shows briefly that an action succeeded. */
export function showDone(sentence: string): void {
  add("good", sentence);
}

/** Shows that an action failed, and why, if no form can show it. */
export function showProblem(error: unknown): void {
  const { title, mistakes } = problemOf(error);
  add("bad", title, mistakes.join(" "));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The area of brief notices; screen readers announce them. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className={styles.viewport} role="status">
      {shown.map(({ id, tone, title, description }) => (
        <div key={id} className={styles.toast} data-type={tone}>
          <div className={styles.content}>
            <p className={styles.title}>{title}</p>
            {description !== "" && <p className={styles.description}>{description}</p>}
          </div>
          <button type="button" className={styles.close} aria-label={texts.common.close} onClick={() => dismiss(id)}>
            <X size={16} aria-hidden="true" />
          </button>
        </div>
      ))}
    </div>
  );
}
