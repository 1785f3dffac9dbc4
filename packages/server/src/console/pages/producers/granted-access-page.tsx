import { Navigate, type useRouter, useSearch } from "@tanstack/react-router";
import { NotFound } from "../../layout/failed.tsx";

/**
 * The page that Weft redirects the browser to after an authorization. The address contains the current organization.
 */
export function grantedAddress(router: ReturnType<typeof useRouter>): string {
  const { href } = router.buildLocation({ to: "/source-connections/granted" });
  return new URL(href, location.origin).href;
}

/** Redirects to the connection whose access was granted or refused. */
export function GrantedAccessPage() {
  const { source_connection_id: id, status, error } = useSearch({ from: "/source-connections/granted" });
  if (id === undefined) return <NotFound />;
  return (
    <Navigate
      to="/source-connections/$sourceConnectionId"
      params={{ sourceConnectionId: id }}
      search={{ access: status === "success" ? "granted" : (error ?? "error") }}
      replace
    />
  );
}
