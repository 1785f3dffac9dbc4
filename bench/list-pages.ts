import { firstIdAt } from "../packages/server/src/domain/id.ts";
import type { Installation } from "./installation.ts";
import { InvalidRunError } from "./scenario.ts";
import { historyMs } from "./stored-history.ts";

/** A list of the API with one filter. */
export interface List {
  readonly name: string;
  /** Under `/v1`, with the query. */
  readonly path: string;
  /** Its cursors are ids of messages or attempts, so it can be opened at any time of the history. */
  readonly isHistory: boolean;
}

const pagesMax = 200;
const pagesMin = 5;
const msMax = 3_000;

/** Milliseconds of consecutive pages of the list: in turn the first page, and one from a random time in the history. */
export async function pageTimes({ urls, adminKey }: Installation, { path, isHistory }: List): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + msMax;
  while (times.length < pagesMin || (times.length < pagesMax && performance.now() < until)) {
    const url = new URL(`${urls[0]}/v1${path}`);
    if (isHistory && times.length % 2 === 1) {
      url.searchParams.set("cursor", firstIdAt(Date.now() - Math.random() * historyMs));
    }
    const startedAt = performance.now();
    const response = await fetch(url, { headers: { authorization: `Bearer ${adminKey}` } });
    const text = await response.text();
    times.push(performance.now() - startedAt);
    if (!response.ok) throw new InvalidRunError(`${path} returned ${response.status}: ${text}`);
  }
  return times;
}
