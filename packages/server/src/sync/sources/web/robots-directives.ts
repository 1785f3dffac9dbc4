/** What a page asks of robots, in `<meta name="robots">` or in the header `X-Robots-Tag`. */
export interface RobotsDirectives {
  /** Not to be taken. */
  readonly noindex: boolean;
  /** Its links are not to be followed. */
  readonly nofollow: boolean;
}

/** Whom pages know Weft as, in lower case. */
export const robotName = "weft";

/** Directives that have a value: what stands before their colon is no robot's name. */
const withValue = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];

/**
 * Reads lists such as `noindex, nofollow`. What stands behind another robot's name, `googlebot: noindex`, is for that one,
 * until the next name.
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
