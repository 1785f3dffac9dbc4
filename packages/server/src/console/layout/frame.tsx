import { Link, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { LiveProvider, useLiveState } from "../api/live.tsx";
import { useProduct } from "../api/product.ts";
import { useReachable } from "../api/reachability.ts";
import { useSession } from "../api/session.tsx";
import { texts } from "../texts/texts.ts";
import { Button } from "../ui/button.tsx";
import { AccountMenu } from "./account-menu.tsx";
import styles from "./frame.module.css";
import { navigationFor } from "./navigation.ts";
import { OrganizationMenu } from "./organization-menu.tsx";
import { ProductMark } from "./product-mark.tsx";
import { Search } from "./search.tsx";

/** The frame of every page: the navigation, the search, the organization and the connection. */
export function Frame({ children }: { children: ReactNode }) {
  const session = useSession();
  const product = useProduct();
  const [isOpen, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a user who opened another page has seen the navigation
  useEffect(() => setOpen(false), [path]);
  return (
    <LiveProvider>
      <a href="#page-title" className={styles.skip}>
        {texts.frame.skip}
      </a>
      <div className={styles.frame} data-open={isOpen}>
        <header className={styles.bar}>
          <Button
            kind="quiet"
            label={isOpen ? texts.frame.closeNavigation : texts.frame.openNavigation}
            className={styles.open}
            onPress={() => setOpen(!isOpen)}
          >
            {isOpen ? <X size={20} aria-hidden="true" /> : <MenuIcon size={20} aria-hidden="true" />}
          </Button>
          <Link to="/" className={styles.brand}>
            <ProductMark />
            <span className={styles.product}>{product}</span>
          </Link>
          <Search />
          <span className={styles.space} />
          <LiveBadge />
          <OrganizationMenu />
          <AccountMenu />
        </header>
        <nav className={styles.navigation} aria-label={texts.frame.navigation}>
          {navigationFor(session)
            .filter(({ entries }) => entries.length > 0)
            .map(({ label, entries }) => (
              <div key={label} className={styles.group}>
                <p className={styles.groupName}>{label}</p>
                <ul>
                  {entries.map(({ to, label: name, icon: Icon }) => (
                    <li key={name}>
                      <Link
                        to={to}
                        className={styles.entry}
                        activeProps={{ "aria-current": "page" }}
                        activeOptions={{ exact: to === "/", includeSearch: false }}
                      >
                        <Icon size={17} strokeWidth={1.9} aria-hidden="true" />
                        {name}
                      </Link>
                    </li>
                  ))}
                </ul>
              </div>
            ))}
        </nav>
        <main className={styles.main}>{children}</main>
      </div>
    </LiveProvider>
  );
}

function LiveBadge() {
  const live = useLiveState();
  const state = useReachable() ? live : "unreachable";
  return (
    <span className={styles.live} data-state={state} role="status">
      <span className={styles.liveDot} aria-hidden="true" />
      <span className={styles.liveText}>{texts.frame.live[state]}</span>
    </span>
  );
}
