import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { organizationsQuery } from "../api/organizations.ts";
import { useSession } from "../api/session.tsx";
import { useApi } from "../api/weft.tsx";
import { texts } from "../texts/texts.ts";
import { Menu } from "../ui/menu.tsx";
import { sectionOf } from "./navigation.ts";
import styles from "./organization-menu.module.css";
import { organizationName } from "./organization-name.ts";

/** The organization that is shown. Operators and people with several organizations select one. */
export function OrganizationMenu() {
  const session = useSession();
  const { is_operator: isOperator, organization } = session;
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { data } = useQuery({ ...organizationsQuery(useApi()), enabled: isOperator });
  const others = isOperator ? (data ?? []) : session.organizations;
  const name = organization.name === "" ? texts.frame.unnamedOrganization : organization.name;
  if (others.length < 2) return <span className={styles.name}>{name}</span>;
  return (
    <Menu
      label={`${texts.frame.organization}: ${name}`}
      trigger={
        <>
          <span className={styles.name}>{name}</span>
          <ChevronsUpDown size={14} aria-hidden="true" />
        </>
      }
      entries={others.map((other) => ({
        key: other.id,
        label: organizationName(other),
        chosen: other.id === organization.id,
        onPress: () => void navigate({ to: sectionOf(pathname, session), search: { org: other.id } }),
      }))}
    />
  );
}
