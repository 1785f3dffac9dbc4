import { lazy, Suspense, useState } from "react";
import { buttonClass } from "./button.tsx";
import type { MenuProps } from "./menu-props.ts";

const fetchPopup = () => import("./menu-popup.tsx");
const MenuPopup = lazy(async () => ({ default: (await fetchPopup()).MenuPopup }));

/** Further things that can be done, or one of several to choose. What opens is fetched when it is about to be wanted. */
export function Menu(props: MenuProps) {
  const { label, trigger, kind = "plain", size = "normal" } = props;
  const [isWanted, setWanted] = useState(false);
  const button = (
    <button
      type="button"
      className={buttonClass(kind, size)}
      aria-label={label}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void fetchPopup()}
      onFocus={() => void fetchPopup()}
      onClick={() => setWanted(true)}
    >
      {trigger}
    </button>
  );
  return isWanted ? (
    <Suspense fallback={button}>
      <MenuPopup {...props} />
    </Suspense>
  ) : (
    button
  );
}
