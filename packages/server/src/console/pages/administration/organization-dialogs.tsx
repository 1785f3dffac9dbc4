import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Organization } from "@weft/sdk";
import { useState } from "react";
import { mistakeAt } from "../../api/problem.ts";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { organizationName } from "../../layout/organization-name.ts";
import { texts } from "../../texts/texts.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
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

export function RenameOrganizationDialog({ organization, onClose }: OrganizationDialogProps) {
  const { weft } = useApi();
  const changed = useOrganizationsChanged();
  const [name, setName] = useState(organization.name);
  const rename = useMutation({
    mutationFn: () => weft.organizations.updateOrganization(organization.id, { name: name.trim() }),
    onSuccess: async () => {
      showDone(words.renamed);
      onClose();
      await changed();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.renameTitle}
      lead={organizationName(organization)}
      action={words.rename}
      busy={rename.isPending}
      error={rename.error}
      onConfirm={() => rename.mutate()}
    >
      <TextField
        label={words.name}
        value={name}
        onChange={setName}
        mistake={mistakeAt(rename.error, "name")}
        required
        autoFocus
      />
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
