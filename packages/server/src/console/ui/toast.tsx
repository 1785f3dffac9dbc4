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
  for (const tell of listeners) tell();
}

function dismiss(id: number): void {
  show(toasts.filter((toast) => toast.id !== id));
}

function add(tone: Toast["tone"], title: string, description = ""): void {
  const id = ++lastId;
  show([...toasts, { id, tone, title, description }].slice(-shownMax));
  setTimeout(() => dismiss(id), shownMs[tone]);
}

/** Tells in passing that something was done. */
export function tellDone(sentence: string): void {
  add("good", sentence);
}

/** Tells that something could not be done, and why, where no form is there to tell it. */
export function tellProblem(error: unknown): void {
  const { title, mistakes } = problemOf(error);
  add("bad", title, mistakes.join(" "));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Where what is told in passing appears; screen readers read it out. */
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
