import styles from "./progress-bar.module.css";

/** The progress of a task; without a known end, only that it is running. */
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
