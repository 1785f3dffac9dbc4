import { lazy, Suspense, useState } from "react";
import { buttonClass } from "./button.tsx";
import type { MenuProps } from "./menu-props.ts";

const fetchPopup = () => import("./menu-popup.tsx");
const MenuPopup = lazy(async () => ({ default: (await fetchPopup()).MenuPopup }));

/** More actions, or one of several options. The popup is loaded shortly before it is needed. */
export function Menu(props: MenuProps) {
  const { label, trigger, kind = "plain", size = "normal" } = props;
  const [isNeeded, setNeeded] = useState(false);
  const button = (
    <button
      type="button"
      className={buttonClass(kind, size)}
      aria-label={label}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void fetchPopup()}
      onFocus={() => void fetchPopup()}
      onClick={() => setNeeded(true)}
    >
      {trigger}
    </button>
  );
  return isNeeded ? (
    <Suspense fallback={button}>
      <MenuPopup {...props} />
    </Suspense>
  ) : (
    button
  );
}
