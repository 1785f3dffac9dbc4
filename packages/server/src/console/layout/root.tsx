import { useQuery } from "@tanstack/react-query";
import { Outlet, useSearch } from "@tanstack/react-router";
import { portalToken } from "../api/credentials.ts";
import { SessionContext, sessionQuery } from "../api/session.tsx";
import { ApiProvider } from "../api/weft.tsx";
import { EndedLinkPage } from "../pages/log-in/ended-link-page.tsx";
import { LogInPage } from "../pages/log-in/log-in-page.tsx";
import { texts } from "../texts/texts.ts";
import { Problem } from "../ui/notice.tsx";
import { Frame } from "./frame.tsx";
import { usePortalColors } from "./portal-colors.ts";
import styles from "./root.module.css";

/** The console: a signed-in user sees the page of the address, other users sign in first. */
export function Root() {
  const { org } = useSearch({ from: "__root__" });
  const { data: session, error, refetch } = useQuery(sessionQuery(org));
  usePortalColors(session);
  if (session === undefined) {
    return (
      <main className={styles.alone}>
        {error === null ? (
          <p className={styles.connecting}>{texts.common.connecting}</p>
        ) : (
          <Problem error={error} onRetry={() => void refetch()} />
        )}
      </main>
    );
  }
  if (session === null) return portalToken() === null ? <LogInPage /> : <EndedLinkPage />;
  return (
    <SessionContext.Provider value={session}>
      <ApiProvider organizationId={session.organization.id}>
        <Frame>
          <Outlet />
        </Frame>
      </ApiProvider>
    </SessionContext.Provider>
  );
}
