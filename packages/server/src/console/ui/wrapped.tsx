import { Fragment } from "react";

/** A long text without spaces, such as a URL or a dotted name, which wraps after its separators. */
export function Wrapped({ text, after }: { text: string; after: RegExp }) {
  return text.split(after).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other key
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

/** A URL that wraps between its parts. */
export function Url({ children }: { children: string }) {
  return <Wrapped text={children} after={/(?<=[/.?&=_-])(?![/.?&=_-])/} />;
}
