/** The anchor of a heading, as GitHub derives it: a link to it works in the repository and on the site. */
export function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\p{Mark}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}
