import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useMay, useSession } from "../../../api/session.tsx";
import { type Api, useApi } from "../../../api/weft.tsx";
import { useOnboardingState } from "./onboarding-state.ts";

/** Whether nothing was created yet. It is read once, because the first steps change it. */
function isEmptyQuery({ weft, scope }: Api) {
  return {
    queryKey: [...scope, "is-empty"],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<boolean> => {
      const lists = await Promise.all([
        weft.webhooks.listSubscriptions({ limit: 1 }, { signal }),
        weft.webhooks.listMessages({ limit: 1 }, { signal }),
        weft.sourceConnections.listSourceConnections({ limit: 1 }, { signal }),
      ]);
      return lists.every(({ items }) => items.length === 0);
    },
    staleTime: Number.POSITIVE_INFINITY,
  };
}

/** The checklist of an organization; "unknown" until it is known whether the organization is empty. */
export type Onboarding = "unknown" | "none" | { readonly inboxName: string; readonly close: () => void };

/** The first steps in an empty organization, until they are done or dismissed. */
export function useOnboarding(): Onboarding {
  const { via, organization } = useSession();
  const mayWrite = useMay("write");
  const [state, setState] = useOnboardingState(organization.id);
  const isOffered = mayWrite && via !== "portal";
  const { data: isEmpty, isError } = useQuery({ ...isEmptyQuery(useApi()), enabled: isOffered && state === null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the checklist begins once, or never
  useEffect(() => {
    if (state === null && isEmpty !== undefined) setState(isEmpty ? "started" : "closed");
  }, [state, isEmpty]);
  if (!isOffered || state === "closed" || isError) return "none";
  if (state === null) return "unknown";
  return { inboxName: state.inboxName, close: () => setState("closed") };
}
