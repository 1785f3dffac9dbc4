const commit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Whether a text is a commit's whole hash. */
export function isCommit(text: string): boolean {
  return commit.test(text);
}

/** Whether a text may be the name of a branch or tag, by the rules of git, and is nothing that it would expand. */
export function isRefName(text: string): boolean {
  if (/[\s\p{Cc}~^:?*[\\]|\.\.|@\{|\/\//u.test(text) || text === "@") return false;
  return text.split("/").every((step) => step !== "" && !/^[-.]|\.$|\.lock$/.test(step));
}

/** The refs that a name may mean, the one that counts first. */
export function refsNamed(name: string): readonly string[] {
  return name.startsWith("refs/") ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
}
