import { queryOptions, useQueryClient } from "@tanstack/react-query";
import type { EventType } from "@weft/sdk";
import { memberText, memberTexts } from "../../domain/json-text.ts";
import { type Api, clientFor, useApi } from "./weft.tsx";

/** The event types that can be selected. They seldom change. */
export function eventTypesQuery({ weft, scope }: Api) {
  return queryOptions({
    queryKey: [...scope, "event-types", "selectable"],
    queryFn: ({ signal }): Promise<readonly EventType[]> =>
      Array.fromAsync(weft.webhooks.eachEventType({ limit: 250 }, { signal })),
    staleTime: 60_000,
  });
}

/** The names of event types, with the one that is selected: it may be unknown or archived. */
export function namesWith(types: readonly EventType[], selected: string | undefined): string[] {
  const names = types.map(({ name }) => name);
  return selected === undefined || names.includes(selected) ? names : [selected, ...names];
}

/** All event types, including the archived ones. */
export function catalogueQuery({ weft, scope }: Api) {
  return queryOptions({
    queryKey: [...scope, "event-types", "all"],
    queryFn: ({ signal }): Promise<readonly EventType[]> =>
      Array.fromAsync(weft.webhooks.eachEventType({ limit: 250, include_archived: true }, { signal })),
    staleTime: 60_000,
  });
}

export function eventTypeQuery({ weft, scope }: Api, name: string) {
  return queryOptions({
    queryKey: [...scope, "event-type", name],
    queryFn: ({ signal }) => weft.webhooks.getEventType(name, { signal }),
  });
}

/** The texts of an event type's schemas by version. */
export type SchemaTexts = Readonly<Record<string, string>>;

/** An event type to edit, with the texts of its schemas: JavaScript would round large numbers in them. */
export function editedEventTypeQuery({ scope }: Api, name: string) {
  const [organizationId] = scope;
  return queryOptions({
    queryKey: [...scope, "edited event type", name],
    queryFn: async ({ signal }) => {
      let text = "{}";
      const weft = clientFor(organizationId, async (url, init) => {
        const response = await fetch(url, init);
        text = await response.clone().text();
        return response;
      });
      const type = await weft.webhooks.getEventType(name, { signal });
      const members = [...memberTexts(memberText(text, "schemas") ?? "null")];
      return { type, schemas: Object.fromEntries(members.map((member) => [member.key, member.text])) as SchemaTexts };
    },
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** Reads everything again that shows event types. */
export function useEventTypesChanged(): () => Promise<void> {
  const { scope } = useApi();
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all(
      ["event-types", "event-type"].map((name) => queryClient.invalidateQueries({ queryKey: [...scope, name] })),
    );
  };
}
