import type { Attempt } from "./attempt.ts";

/**
 * The classes of attempts by the status of the response, in the order of their numbers in the database. Only a 2xx response is a
 * success. `other` are failures with any other status, such as a 2xx response that was cut off.
 */
export const statusClasses = ["no_response", "other", "2xx", "3xx", "4xx", "5xx"] as const;
export type StatusClass = (typeof statusClasses)[number];

/** The status is 0 without a response. */
export function statusClassOf({
  succeeded,
  responseStatus,
}: Pick<Attempt, "succeeded" | "responseStatus">): StatusClass {
  if (succeeded) return "2xx";
  if (responseStatus === 0) return "no_response";
  const name = `${Math.floor(responseStatus / 100)}xx`;
  return name === "3xx" || name === "4xx" || name === "5xx" ? name : "other";
}

/** The number of a class in the database. */
export function statusClassNumber(statusClass: StatusClass): number {
  return statusClasses.indexOf(statusClass);
}

export function statusClassIn(number: number): StatusClass {
  return statusClasses[number] ?? "other";
}
