import type { QueryClient } from "@tanstack/react-query";
import { WeftApiError } from "@weft/sdk";

/** Reads the session again when a response says that it ended: the key was deleted or the session expired. */
export function forgetSessionOn(queryClient: QueryClient): void {
  function look(error: unknown): void {
    if (!(error instanceof WeftApiError) || error.status !== 401) return;
    void queryClient.invalidateQueries({ queryKey: ["session"] });
  }
  queryClient.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") look(event.action.error);
  });
  queryClient.getMutationCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") look(event.action.error);
  });
}
