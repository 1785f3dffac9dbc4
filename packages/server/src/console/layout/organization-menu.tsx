import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { useSession } from "../api/session.tsx";
import { useApi } from "../api/weft.tsx";
import { texts } from "../texts/texts.ts";
import { Menu } from "../ui/menu.tsx";
import styles from "./organization-menu.module.css";

const shownMax = 100;

/** Whose things are shown. Operators choose; everybody else sees his own. */
export function OrganizationMenu() {
  const { weft } = useApi();
  const { is_operator: isOperator, organization } = useSession();
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: ["organizations", "menu"],
    queryFn: ({ signal }) => weft.organizations.listOrganizations({ limit: shownMax }, { signal }),
    enabled: isOperator,
  });
  const name = organization.name === "" ? texts.frame.unnamedOrganization : organization.name;
  const others = data?.items ?? [];
  if (!isOperator || others.length < 2) return <span className={styles.name}>{name}</span>;
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
        label: other.name === "" ? `${texts.frame.unnamedOrganization} ${other.id.slice(0, 8)}` : other.name,
        chosen: other.id === organization.id,
        onPress: () => void navigate({ to: "/", search: { org: other.id } }),
      }))}
    />
  );
}
