import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMay, useMayDefineEventTypes, useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Notice } from "../../ui/notice.tsx";
import { showDone, showProblem } from "../../ui/toast.tsx";

const words = texts.eventTypes;

/** The next steps of operators whose Weft only has its own event types. */
export function FirstEventType() {
  const mayDefine = useMayDefineEventTypes();
  return (
    <Notice title={words.first.title} actions={<SettingButton />}>
      <p>{mayDefine ? words.first.forOperators : words.first.forTenants}</p>
    </Notice>
  );
}

/** Whether the organization accepts events whose type is not in the catalogue. */
export function UnknownEventTypesCard() {
  const { organization } = useSession();
  const isAdmin = useMay("admin");
  return (
    <Card title={words.unknown.title} actions={isAdmin && <SettingButton />}>
      {words.unknown.states[organization.unknown_event_types]}
    </Card>
  );
}

function SettingButton() {
  const { weft } = useApi();
  const { id, unknown_event_types: setting } = useSession().organization;
  const queryClient = useQueryClient();
  const next = setting === "accept" ? "refuse" : "accept";
  const change = useMutation({
    mutationFn: () => weft.organizations.updateOrganization(id, { unknown_event_types: next }),
    onSuccess: async () => {
      await Promise.all(
        [["session"], ["organizations"]].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
      );
      showDone(next === "accept" ? words.unknown.accepted : words.unknown.refused);
    },
    onError: showProblem,
  });
  return (
    <Button busy={change.isPending} onPress={() => change.mutate()}>
      {words.unknown[next]}
    </Button>
  );
}
