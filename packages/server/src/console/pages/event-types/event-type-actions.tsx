import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { EventTypeDefinition } from "@weft/sdk";
import { EllipsisVertical } from "lucide-react";
import { useState } from "react";
import { useEventTypesChanged } from "../../api/event-types.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { showDone, showProblem } from "../../ui/toast.tsx";

const words = texts.eventTypes;

/** The actions on an event type of the operators. */
export function EventTypeActions({ type }: { type: EventTypeDefinition }) {
  const { weft } = useApi();
  const changed = useEventTypesChanged();
  const [isDeleting, setDeleting] = useState(false);
  const archive = useMutation({
    mutationFn: (archived: boolean) => weft.webhooks.updateEventType(type.name, { archived }),
    onSuccess: async ({ archived }) => {
      await changed();
      showDone(archived ? words.archivedNow : words.restored);
    },
    onError: showProblem,
  });
  const { name, archived } = type;
  return (
    <>
      <Link to="/event-types/$name/edit" params={{ name }} className={buttonClass()}>
        {words.edit}
      </Link>
      <Menu
        label={texts.common.more}
        trigger={<EllipsisVertical size={16} aria-hidden="true" />}
        entries={[
          { key: "archive", label: archived ? words.restore : words.archive, onPress: () => archive.mutate(!archived) },
          { key: "delete", label: words.delete, danger: true, onPress: () => setDeleting(true) },
        ]}
      />
      {isDeleting && <DeleteEventType name={name} onClose={() => setDeleting(false)} />}
    </>
  );
}

function DeleteEventType({ name, onClose }: { name: string; onClose: () => void }) {
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useEventTypesChanged();
  const remove = useMutation({
    mutationFn: () => weft.webhooks.deleteEventType(name),
    onSuccess: async () => {
      showDone(words.deleted);
      await navigate({ to: "/event-types" });
      await changed();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.deleteTitle(name)}
      lead={words.deleteLead}
      action={words.delete}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    />
  );
}
