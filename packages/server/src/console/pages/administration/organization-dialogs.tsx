import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Organization } from "@weft/sdk";
import { useState } from "react";
import { mistakeAt } from "../../api/problem.ts";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { organizationName } from "../../layout/organization-name.ts";
import { texts } from "../../texts/texts.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { Checkbox, Fields, TextField } from "../../ui/field.tsx";
import { showDone } from "../../ui/toast.tsx";

const words = texts.administration.organizations;

interface OrganizationDialogProps {
  readonly organization: Organization;
  readonly onClose: () => void;
}

/** Invalidates all queries about organizations and their names. */
function useOrganizationsChanged(): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all([["organizations"], ["session"]].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  };
}

export function CreateOrganizationDialog({ onClose }: { onClose: () => void }) {
  const { weft } = useApi();
  const changed = useOrganizationsChanged();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => weft.organizations.createOrganization({ name: name.trim() }),
    onSuccess: async () => {
      showDone(words.created);
      onClose();
      await changed();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.create}
      lead={words.lead}
      action={words.submit}
      busy={create.isPending}
      error={create.error}
      onConfirm={() => create.mutate()}
    >
      <TextField
        label={words.name}
        value={name}
        onChange={setName}
        mistake={mistakeAt(create.error, "name")}
        required
        autoFocus
      />
    </Confirm>
  );
}

export function EditOrganizationDialog({ organization, onClose }: OrganizationDialogProps) {
  const { weft } = useApi();
  const changed = useOrganizationsChanged();
  const [name, setName] = useState(organization.name);
  const [setting, setSetting] = useState(organization.unknown_event_types);
  const [days, setDays] = useState(String(organization.retention_days ?? ""));
  const save = useMutation({
    mutationFn: () =>
      weft.organizations.updateOrganization(organization.id, {
        unknown_event_types: setting,
        retention_days: days.trim() === "" ? null : Number(days),
        // The first organization of an installation may have no name.
        ...(name !== organization.name && { name: name.trim() }),
      }),
    onSuccess: async () => {
      showDone(words.saved);
      onClose();
      await changed();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.editTitle}
      lead={organizationName(organization)}
      action={texts.common.save}
      busy={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate()}
    >
      <Fields>
        <TextField
          label={words.name}
          value={name}
          onChange={setName}
          mistake={mistakeAt(save.error, "name")}
          required
          autoFocus
        />
        <Checkbox
          label={words.unknownEventTypes}
          hint={words.unknownEventTypesHint}
          checked={setting === "accept"}
          onChange={(isAccepted) => setSetting(isAccepted ? "accept" : "refuse")}
        />
        <TextField
          label={words.retentionDays}
          hint={words.retentionDaysHint}
          value={days}
          onChange={setDays}
          type="number"
          mistake={mistakeAt(save.error, "retention_days")}
        />
      </Fields>
    </Confirm>
  );
}

/** Deletes an organization after its name was typed, because this cannot be undone. */
export function DeleteOrganizationDialog({ organization, onClose }: OrganizationDialogProps) {
  const { weft } = useApi();
  const { organization: here } = useSession();
  const changed = useOrganizationsChanged();
  const [typed, setTyped] = useState("");
  const name = organizationName(organization);
  const remove = useMutation({
    mutationFn: () => weft.organizations.deleteOrganization(organization.id),
    onSuccess: async () => {
      showDone(words.deleted);
      onClose();
      // A user who worked in it continues in their own organization, without cached data of the deleted one.
      if (organization.id === here.id) location.assign(location.pathname);
      else await changed();
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
      disabled={typed.trim() !== name.trim()}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      <TextField label={words.deleteConfirm(name)} value={typed} onChange={setTyped} mono />
    </Confirm>
  );
}
