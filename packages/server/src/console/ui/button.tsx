import { Button as BaseButton } from "@base-ui/react/button";
import type { ReactNode } from "react";
import styles from "./button.module.css";

export interface ButtonProps {
  readonly children: ReactNode;
  /** `primary`: what the page is for, at most one in sight. `quiet`: without a border, in rows and toolbars. */
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly size?: "normal" | "small";
  readonly type?: "button" | "submit";
  readonly disabled?: boolean;
  /** Shows that the work it began is under way, and takes no further press. */
  readonly busy?: boolean;
  readonly onPress?: (() => void) | undefined;
  /** For buttons that show an icon alone. */
  readonly label?: string;
  readonly pressed?: boolean;
  readonly className?: string | undefined;
}

export function Button({ kind = "plain", size = "normal", type = "button", busy = false, ...props }: ButtonProps) {
  return (
    <BaseButton
      type={type}
      className={[styles.button, styles[kind], styles[size], props.className].filter(Boolean).join(" ")}
      disabled={props.disabled === true || busy}
      focusableWhenDisabled={busy}
      aria-busy={busy || undefined}
      aria-label={props.label}
      aria-pressed={props.pressed}
      title={props.label}
      onClick={props.onPress}
    >
      {props.children}
    </BaseButton>
  );
}

/** How links look that are offered as buttons. */
export function buttonClass(
  kind: NonNullable<ButtonProps["kind"]> = "plain",
  size: "normal" | "small" = "normal",
): string {
  return [styles.button, styles[kind], styles[size]].join(" ");
}
