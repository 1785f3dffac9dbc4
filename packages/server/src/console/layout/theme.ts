import { useState } from "react";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const kept = "weft-theme";

function keptTheme(): Theme {
  try {
    const found = localStorage.getItem(kept);
    return themes.find((theme) => theme === found) ?? "system";
  } catch {
    // Frames of other sites may not store anything.
    return "system";
  }
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Runs before the first render, so that no wrong theme flashes. */
export function applyKeptTheme(): void {
  apply(keptTheme());
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(keptTheme);
  return [
    theme,
    (next) => {
      apply(next);
      setTheme(next);
      try {
        localStorage.setItem(kept, next);
      } catch {
        // Then it lasts until the page is closed.
      }
    },
  ];
}
