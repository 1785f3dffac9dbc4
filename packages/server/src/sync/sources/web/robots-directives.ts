/** The robots directives of a page, in `<meta name="robots">` or in the header `X-Robots-Tag`. */
export interface RobotsDirectives {
  /** The page must not be indexed. */
  readonly noindex: boolean;
  /** Its links must not be followed. */
  readonly nofollow: boolean;
}

/** Weft's name in robots directives, in lower case. */
export const robotName = "weft";

/** Directives with a value: the text before their colon is not a robot's name. */
const withValue = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];

/**
 * Parses lists such as `noindex, nofollow`. Directives after another robot's name, such as `googlebot: noindex`, apply to that
 * robot, until the next name.
 */
export function robotsDirectives(lists: readonly string[]): RobotsDirectives {
  const found = new Set(lists.flatMap((list) => directivesFor(list.toLowerCase())));
  const isNone = found.has("none");
  return { noindex: isNone || found.has("noindex"), nofollow: isNone || found.has("nofollow") };
}

function directivesFor(list: string): string[] {
  let addressed = "";
  return list.split(",").flatMap((part) => {
    const [, name, directive = ""] = /^\s*([\w-]+)\s*:(.*)$/s.exec(part) ?? [];
    const isName = name !== undefined && !withValue.includes(name);
    if (isName) addressed = name;
    return addressed === "" || addressed === robotName ? [(isName ? directive : part).trim()] : [];
  });
}
