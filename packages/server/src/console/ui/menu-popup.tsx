import { Menu as BaseMenu } from "@base-ui/react/menu";
import { buttonClass } from "./button.tsx";
import styles from "./menu-popup.module.css";
import type { MenuProps } from "./menu-props.ts";

/** The open menu. Its code is fetched when a user opens it. */
export function MenuPopup({ label, trigger, entries, kind = "plain", size = "normal" }: MenuProps) {
  return (
    <BaseMenu.Root modal={false} defaultOpen>
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
