import type { SourceEntity } from "../../source.ts";
import { madeUpText } from "../made-up-text.ts";

/** The types of entity that a stub chooses from, as Airweave names them. */
export const stubTypes = {
  small_entity: "SmallStubEntity",
  medium_entity: "MediumStubEntity",
  large_entity: "LargeStubEntity",
  small_file: "SmallStubFileEntity",
  large_file: "LargeStubFileEntity",
  code_file: "CodeStubFileEntity",
} as const;
export type StubKind = keyof typeof stubTypes;
export const stubKinds = Object.keys(stubTypes) as readonly StubKind[];

export const stubContainerType = "StubContainerEntity";

/** How many made-up texts each kind consists of. The text of a large kind is split into several chunks. */
const textsByKind: Readonly<Record<StubKind, number>> = {
  small_entity: 1,
  medium_entity: 3,
  large_entity: 40,
  small_file: 2,
  large_file: 60,
  code_file: 2,
};

/** Strings that language models treat as control tokens. A server must store and find a text that contains them. */
const specialTokens = "<|endoftext|> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|endofprompt|>";

export interface StubTextSettings {
  readonly seed: number;
  /** The name of the container. */
  readonly container: string;
  /** Text before the content of each entity. */
  readonly prefix: string | null;
  readonly hasSpecialTokens: boolean;
}

const containerId = "stub-container";

/** The first entity of a stub, which contains the others. */
export function stubContainer(name: string, text: string): SourceEntity {
  return { kind: "entity", id: containerId, type: stubContainerType, name, text, ...timesOf(0) };
}

/** Times in 2024 that follow from the index. */
function timesOf(index: number): Pick<SourceEntity, "createdAt" | "updatedAt"> {
  const createdAt = firstCreatedAt + (index % hoursOfYear) * hourMs;
  return { createdAt, updatedAt: createdAt };
}

const firstCreatedAt = Date.UTC(2024, 0, 1);
const hourMs = 3_600_000;
const hoursOfYear = 366 * 24;

/** An entity of a stub: equal for equal settings, kind and index. */
export function stubEntity(kind: StubKind, index: number, settings: StubTextSettings): SourceEntity {
  const { seed, container, prefix, hasSpecialTokens } = settings;
  const parts = Array.from({ length: textsByKind[kind] }, (_, part) => madeUpText(seed, index + part * 1_000_003));
  const words = kind.replace("_", " ");
  const content = parts.map(({ text }) => (kind === "code_file" ? codeOf(text) : text)).join("\n\n");
  const text = [
    ...(prefix === null ? [] : [prefix]),
    `The ${words} ${index} of a stub source, for a test.`,
    ...(hasSpecialTokens ? [specialTokens] : []),
    content,
  ].join("\n");
  return {
    kind: "entity",
    id: `stub-${index}`,
    type: stubTypes[kind],
    name: `${parts[0]?.title ?? ""}${nameEndings[kind]}`,
    text,
    breadcrumbs: [{ id: containerId, type: stubContainerType, name: container }],
    ...timesOf(index),
  };
}

const nameEndings: Readonly<Record<StubKind, string>> = {
  small_entity: "",
  medium_entity: "",
  large_entity: "",
  small_file: ".txt",
  large_file: ".txt",
  code_file: ".py",
};

function codeOf(text: string): string {
  const [name = "stub", ...words] = text.toLowerCase().replaceAll(".", "").split(" ");
  return `def ${name}():\n    return ${JSON.stringify(words.join(" "))}`;
}
