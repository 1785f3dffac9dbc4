import { Search as SearchIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { texts } from "../texts/texts.ts";
import styles from "./search.module.css";

const SearchDialog = lazy(async () => ({ default: (await import("./search-dialog.tsx")).SearchDialog }));

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The search of the header. ⌘K or Ctrl+K opens it on every page. */
export function Search() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    function openOnKey(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== "k" || event.altKey || event.shiftKey) return;
      if (!(isMac ? event.metaKey : event.ctrlKey)) return;
      event.preventDefault();
      setOpen(true);
    }
    document.addEventListener("keydown", openOnKey);
    return () => document.removeEventListener("keydown", openOnKey);
  }, []);
  const { search } = texts.frame;
  return (
    <>
      <button type="button" className={styles.open} onClick={() => setOpen(true)}>
        <SearchIcon size={16} aria-hidden="true" />
        <span className={styles.openText}>{search.open}</span>
        <kbd className={styles.keys}>{isMac ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      {isOpen && (
        <Suspense>
          <SearchDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
