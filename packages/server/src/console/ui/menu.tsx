import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactNode } from "react";
import { buttonClass } from "./button.tsx";
import styles from "./menu.module.css";

export interface MenuEntry {
  readonly key: string;
  readonly label: ReactNode;
  readonly onPress: () => void;
  readonly danger?: boolean;
  readonly chosen?: boolean;
}

interface MenuProps {
  readonly label: string;
  readonly trigger: ReactNode;
  readonly entries: readonly MenuEntry[];
  readonly kind?: "plain" | "quiet";
  readonly size?: "normal" | "small";
}

/** Further things that can be done, or one of several to choose. */
export function Menu({ label, trigger, entries, kind = "plain", size = "normal" }: MenuProps) {
  return (
    <BaseMenu.Root modal={false}>
      <BaseMenu.Trigger className={buttonClass(kind, size)} aria-label={label}>
        {trigger}
      </BaseMenu.Trigger>
      <BaseMenu.Portal>
        <BaseMenu.Positioner className={styles.positioner} sideOffset={6} align="end">
          <BaseMenu.Popup className={styles.popup}>
            {entries.map((entry) => (
              <BaseMenu.Item
                key={entry.key}
                className={[styles.item, entry.danger === true && styles.danger].filter(Boolean).join(" ")}
                aria-current={entry.chosen === true ? "true" : undefined}
                onClick={entry.onPress}
              >
                {entry.label}
              </BaseMenu.Item>
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
