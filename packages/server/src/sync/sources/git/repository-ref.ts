const commit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Whether a text is a complete commit hash. */
export function isCommit(text: string): boolean {
  return commit.test(text);
}

/** Whether a text is a valid branch or tag name by the rules of git, without anything that git would expand. */
export function isRefName(text: string): boolean {
  if (/[\s\p{Cc}~^:?*[\\]|\.\.|@\{|\/\//u.test(text) || text === "@") return false;
  return text.split("/").every((step) => step !== "" && !/^[-.]|\.$|\.lock$/.test(step));
}

/** The refs that a name may mean, in order of precedence. */
export function refsNamed(name: string): readonly string[] {
  return name.startsWith("refs/") ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
}
