import type { Session } from "@weft/sdk";
import {
  Activity,
  Building2,
  FolderSync,
  Inbox,
  KeyRound,
  type LucideIcon,
  Plug,
  ScrollText,
  Settings,
  Tags,
  Timer,
  Webhook,
} from "lucide-react";
import { texts } from "../texts/texts.ts";

/** The list page of a section. */
export type Section =
  | "/"
  | "/messages"
  | "/subscriptions"
  | "/event-types"
  | "/freshness"
  | "/collections"
  | "/source-connections"
  | "/api-keys"
  | "/organizations"
  | "/audit-log"
  | "/settings";

export interface NavigationEntry {
  readonly to: Section;
  readonly label: string;
  readonly icon: LucideIcon;
}

export interface NavigationGroup {
  readonly label: string;
  readonly entries: readonly NavigationEntry[];
}

/** The pages that a user may see. A portal shows one customer's deliveries, and no operator pages. */
export function navigationFor({ via, scopes, is_operator: isOperator }: Session): NavigationGroup[] {
  const { groups, pages } = texts.frame;
  const isAdmin = scopes.includes("admin");
  return [
    {
      label: groups.deliveries,
      entries: [
        { to: "/", label: pages.overview, icon: Activity },
        { to: "/messages", label: pages.messages, icon: Inbox },
        { to: "/subscriptions", label: pages.subscriptions, icon: Webhook },
        { to: "/event-types", label: pages.eventTypes, icon: Tags },
      ],
    },
    {
      label: groups.producers,
      entries:
        via === "portal"
          ? []
          : [
              { to: "/freshness", label: pages.freshness, icon: Timer },
              { to: "/collections", label: pages.collections, icon: FolderSync },
              { to: "/source-connections", label: pages.sourceConnections, icon: Plug },
            ],
    },
    {
      label: groups.administration,
      entries: isAdmin
        ? [
            { to: "/api-keys", label: pages.apiKeys, icon: KeyRound },
            ...(isOperator
              ? [{ to: "/organizations", label: pages.organizations, icon: Building2 } satisfies NavigationEntry]
              : []),
            { to: "/audit-log", label: pages.auditLog, icon: ScrollText },
            ...(isOperator
              ? [{ to: "/settings", label: pages.settings, icon: Settings } satisfies NavigationEntry]
              : []),
          ]
        : [],
    },
  ];
}

/** The list page of the section that a path belongs to, since records of one organization do not exist in another. */
export function sectionOf(pathname: string, session: Session): Section {
  const entries = navigationFor(session).flatMap(({ entries }) => entries);
  const [, section = ""] = pathname.split("/");
  return entries.find(({ to }) => to === `/${section}`)?.to ?? "/";
}
