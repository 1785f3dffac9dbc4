import { queryOptions } from "@tanstack/react-query";
import type { EventType, Message } from "@weft/sdk";
import { matchesPattern } from "../../domain/event-pattern.ts";
import { limits } from "../../domain/limits.ts";
import type { Api } from "./weft.tsx";

/** The event types that patterns such as `sync.*` select. */
export function selectedTypes(types: readonly EventType[], patterns: readonly string[]): readonly EventType[] {
  return types.filter(({ name }) => patterns.some((pattern) => matchesPattern(pattern, name)));
}

const messagesMax = 5;

/** The newest messages of the selected event types, with their payloads. */
export function recentMessagesQuery({ weft, scope }: Api, types: readonly EventType[], patterns: readonly string[]) {
  const exact = patterns.filter((pattern) => !pattern.endsWith("*"));
  const names = [...new Set([...selectedTypes(types, patterns).map(({ name }) => name), ...exact])].sort();
  const event_types = patterns.includes("*") ? undefined : names.slice(0, limits.repeatedMax);
  return queryOptions({
    queryKey: [...scope, "recent messages", event_types ?? "all"],
    queryFn: async ({ signal }): Promise<readonly Message[]> =>
      event_types?.length === 0
        ? []
        : (await weft.webhooks.listMessages({ event_types, limit: messagesMax }, { signal })).items,
    staleTime: 30_000,
  });
}
