import { Navigate, type useRouter, useSearch } from "@tanstack/react-router";
import { NotFound } from "../../layout/failed.tsx";

/** Where Weft sends the browser when an authorization has ended. The organization that is worked in comes along. */
export function grantedAddress(router: ReturnType<typeof useRouter>): string {
  const { href } = router.buildLocation({ to: "/source-connections/granted" });
  return new URL(href, location.origin).href;
}

/** Leads on to the connection whose access was granted or refused. */
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
