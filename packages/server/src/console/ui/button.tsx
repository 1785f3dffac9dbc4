import { Button as BaseButton } from "@base-ui/react/button";
import type { ReactNode } from "react";
import styles from "./button.module.css";

export interface ButtonProps {
  readonly children: ReactNode;
  /**
   * `primary`: the main action of the page, at most one is visible. `quiet`: without a border, in rows and toolbars.
   */
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly size?: "normal" | "small";
  readonly type?: "button" | "submit";
  readonly disabled?: boolean;
  /** Shows that its action is running, and ignores further clicks. */
  readonly busy?: boolean;
  readonly onPress?: (() => void) | undefined;
  /** For buttons with only an icon. */
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

/** The style of links that look like buttons. */
export function buttonClass(
  kind: NonNullable<ButtonProps["kind"]> = "plain",
  size: "normal" | "small" = "normal",
): string {
  return [styles.button, styles[kind], styles[size]].join(" ");
}
