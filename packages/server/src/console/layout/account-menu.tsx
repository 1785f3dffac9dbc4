import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { CircleUserRound } from "lucide-react";
import { useSession } from "../api/session.tsx";
import { useApi } from "../api/weft.tsx";
import { texts } from "../texts/texts.ts";
import { Menu } from "../ui/menu.tsx";
import { showProblem } from "../ui/toast.tsx";
import { documentation } from "./documentation.ts";
import { sectionOf } from "./navigation.ts";
import { themes, useTheme } from "./theme.ts";

/** The user, the theme, the documentation of the page, and signing out. */
export function AccountMenu() {
  const { weft } = useApi();
  const session = useSession();
  const { via, actor } = session;
  const section = useRouterState({ select: (state) => sectionOf(state.location.pathname, session) });
  const queryClient = useQueryClient();
  const [theme, setTheme] = useTheme();
  const logOut = useMutation({
    mutationFn: () => weft.session.endSession(),
    onSuccess: () => {
      queryClient.clear();
      location.reload();
    },
    onError: showProblem,
  });
  const name = via === "none" ? texts.frame.noKeyNeeded : (actor.name ?? texts.frame.account);
  return (
    <Menu
      label={texts.frame.account}
      kind="quiet"
      trigger={<CircleUserRound size={20} strokeWidth={1.8} aria-hidden="true" />}
      entries={[
        ...themes.map((entry) => ({
          key: entry,
          label: `${texts.frame.theme.label}: ${texts.frame.theme[entry]}`,
          chosen: entry === theme,
          onPress: () => setTheme(entry),
        })),
        {
          key: "documentation",
          label: texts.frame.documentation,
          onPress: () => void open(`/docs/${documentation[section]}`, "_blank", "noopener"),
        },
        ...(via === "session"
          ? [{ key: "out", label: `${texts.frame.logOut} (${name})`, onPress: () => logOut.mutate() }]
          : []),
      ]}
    />
  );
}
