import { Pager } from "./table.tsx";

interface CursorPagerProps {
  /** The cursor of the page that is shown; undefined on the first. */
  readonly cursor: string | undefined;
  /** Null on the last page; undefined while it is unknown. */
  readonly nextCursor: string | null | undefined;
  readonly onGo: (cursor: string | undefined) => void;
}

/** The navigation of a list with cursors as pages. */
export function CursorPager({ cursor, nextCursor, onGo }: CursorPagerProps) {
  return (
    <Pager
      onFirst={cursor === undefined ? null : () => onGo(undefined)}
      onNext={typeof nextCursor === "string" ? () => onGo(nextCursor) : null}
    />
  );
}
