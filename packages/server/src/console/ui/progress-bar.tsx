import styles from "./progress-bar.module.css";

/** How far something has come; without an end that is known, only that it goes on. */
export function ProgressBar({ label, value, max }: { label: string; value: number; max: number | null }) {
  return (
    <progress
      className={styles.bar}
      aria-label={label}
      max={Math.max(max ?? 1, 1)}
      value={max === null ? undefined : value}
    />
  );
}
