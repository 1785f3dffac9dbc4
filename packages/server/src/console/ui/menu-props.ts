import type { ReactNode } from "react";

export interface MenuEntry {
  readonly key: string;
  readonly label: ReactNode;
  readonly onPress: () => void;
  readonly danger?: boolean;
  readonly chosen?: boolean;
}

export interface MenuProps {
  readonly label: string;
  readonly trigger: ReactNode;
  readonly entries: readonly MenuEntry[];
  readonly kind?: "plain" | "quiet";
  readonly size?: "normal" | "small";
}
