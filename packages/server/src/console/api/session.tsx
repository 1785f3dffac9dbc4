import { queryOptions } from "@tanstack/react-query";
import { type Session, WeftApiError } from "@weft/sdk";
import { createContext, useContext } from "react";
import { clientFor } from "./weft.tsx";

export type Scope = "read" | "write" | "secrets" | "publish" | "admin";

/** The user of the console; null for a user who has to sign in first. */
export function sessionQuery(organizationId: string | undefined) {
  return queryOptions({
    queryKey: ["session", organizationId ?? ""],
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return await clientFor(organizationId).session.getSession({ signal });
      } catch (error) {
        if (error instanceof WeftApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("Pages stand inside a session.");
  return session;
}

/** Whether the user may create and change event types, which belong to the whole installation. */
export function useMayDefineEventTypes(): boolean {
  const { is_operator: isOperator } = useSession();
  return useMay("admin") && isOperator;
}

/** Whether the user has the right. Actions without it are not offered. */
export function useMay(scope: Scope): boolean {
  const { scopes } = useSession();
  return scopes.includes(scope) || scopes.includes("admin");
}
