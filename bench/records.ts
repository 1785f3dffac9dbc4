// Records like the issues of a project, of half a kilobyte each, for the sources that read records.

const words =
  "heron wren otter river reed nest water morning count tide marsh stone cloud rain field gate path owl".split(" ");

export interface BenchRecord {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly updated_at: string;
}

/** Record `number` from 1, always the same. Its times follow the numbers. */
export function benchRecord(number: number): BenchRecord {
  const text: string[] = [];
  for (let at = 0; at < 80; at++) text.push(words[(number * 31 + at * at * 7) % words.length] ?? "");
  return {
    number,
    title: `Record ${number}`,
    body: text.join(" "),
    updated_at: new Date(Date.UTC(2020, 0, 1) + number * 1_000).toISOString().replace(".000Z", "Z"),
  };
}
