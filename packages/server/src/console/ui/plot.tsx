import { useEffect, useRef } from "react";
import type uPlot from "uplot";
import styles from "./plot.module.css";

export interface Series {
  readonly name: string;
  readonly tone: "info" | "warning" | "quiet";
  /** A value for each time; null for a time without one. */
  readonly values: readonly (number | null)[];
}

interface PlotProps {
  readonly title: string;
  /** A sentence about the plot, for screen readers. */
  readonly summary: string;
  /** Unix ms, ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
}

const heightPx = 168;

/** Values over time. The library is loaded with the first plot; its space is reserved meanwhile. */
export function Plot({ title, summary, times, series, format }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let plot: uPlot | null = null;
    let isGone = false;
    const resize = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: heightPx }));
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const themes = new MutationObserver(() => draw());
    let draw = () => {};
    void Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]).then(([{ default: UPlot }]) => {
      if (isGone) return;
      draw = () => {
        plot?.destroy();
        plot = new UPlot(optionsOf(element, series, format), dataOf(times, series), element);
      };
      draw();
      resize.observe(element);
      themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
      scheme.addEventListener("change", draw);
    });
    return () => {
      isGone = true;
      resize.disconnect();
      themes.disconnect();
      scheme.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [times, series, format]);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span className={styles.title}>{title}</span>
        {series.map(({ name, tone }) => (
          <span key={name} className={[styles.key, styles[tone]].join(" ")}>
            {name}
          </span>
        ))}
      </figcaption>
      <div ref={place} className={styles.place} role="img" aria-label={summary} />
    </figure>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/** The time, and the date at the start of each day. */
function formatTick(ms: number, secondsBefore: number | undefined): string {
  const time = new Date(ms);
  const isMidnight = time.getHours() === 0 && time.getMinutes() === 0;
  const isNewDay = secondsBefore === undefined || day.format(time) !== day.format(secondsBefore * 1_000);
  if (isMidnight) return day.format(time);
  return isNewDay ? `${clock.format(time)}\n${day.format(time)}` : clock.format(time);
}

/** Isolated values: no line leads through them. */
function lonelyPoints({ data }: uPlot, series: number): number[] {
  const values = data[series] ?? [];
  return [...values.keys()].filter(
    (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null,
  );
}

function dataOf(times: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  return [times.map((ms) => ms / 1_000), ...series.map(({ values }) => [...values])];
}

function optionsOf(element: HTMLElement, series: readonly Series[], format: (value: number) => string): uPlot.Options {
  // Read from an element, because a canvas has no CSS variables.
  function colour(variable: string): string {
    element.style.color = `var(${variable})`;
    const found = getComputedStyle(element).color;
    element.style.color = "";
    return found;
  }
  const axis = { stroke: colour("--text-quiet"), font: `12px ${getComputedStyle(element).fontFamily}` };
  const grid = { stroke: colour("--border"), width: 1 };
  return {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, Number.EPSILON)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { show: false },
        values: (_plot, seconds) => seconds.map((at, index) => formatTick(at * 1_000, seconds[index - 1])),
      },
      { ...axis, grid, ticks: { show: false }, size: 62, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...series.map(({ name, tone }) => {
        const stroke = colour(tone === "quiet" ? "--text-quiet" : `--${tone}`);
        return {
          label: name,
          stroke,
          width: 1.75,
          points: { show: true, size: 5, fill: stroke, filter: lonelyPoints },
        };
      }),
    ],
  };
}
