import { Pager } from "./table.tsx";

interface CursorPagerProps {
  /** The cursor of the page that is shown; undefined on the first. */
  readonly cursor: string | undefined;
  /** Null on the last page; undefined while that is not known. */
  readonly nextCursor: string | null | undefined;
  readonly onGo: (cursor: string | undefined) => void;
}

/** The way through a list whose pages are named by cursors. */
export function CursorPager({ cursor, nextCursor, onGo }: CursorPagerProps) {
  return (
    <Pager
      onFirst={cursor === undefined ? null : () => onGo(undefined)}
      onNext={typeof nextCursor === "string" ? () => onGo(nextCursor) : null}
    />
  );
}
