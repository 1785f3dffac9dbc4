import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Collection } from "@weft/sdk";
import { useState } from "react";
import { mistakeAt } from "../../api/problem.ts";
import { useProducersChanged } from "../../api/producers.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { Fields, TextField } from "../../ui/field.tsx";
import { showDone } from "../../ui/toast.tsx";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

const words = texts.producers.collectionForm;

/** Creates a collection and opens it. */
export function CreateCollectionDialog({ open, onClose }: DialogProps) {
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useProducersChanged();
  const [name, setName] = useState("");
  const [readableId, setReadableId] = useState("");
  const create = useMutation({
    mutationFn: () =>
      weft.collections.createCollection({
        name: name.trim(),
        readable_id: readableId.trim() === "" ? undefined : readableId.trim(),
      }),
    onSuccess: async ({ readable_id }) => {
      await changed();
      showDone(words.created);
      await navigate({ to: "/collections/$readableId", params: { readableId: readable_id } });
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.createTitle}
      lead={texts.producers.collections.lead}
      action={words.create}
      busy={create.isPending}
      error={create.error}
      onConfirm={() => create.mutate()}
    >
      <Fields>
        <TextField
          label={words.name}
          value={name}
          onChange={setName}
          mistake={mistakeAt(create.error, "name")}
          required
          autoFocus
        />
        <TextField
          label={words.readableId}
          hint={words.readableIdHint}
          value={readableId}
          onChange={setReadableId}
          mistake={mistakeAt(create.error, "readable_id")}
          mono
        />
      </Fields>
    </Confirm>
  );
}

export function RenameCollectionDialog({ collection, open, onClose }: DialogProps & { collection: Collection }) {
  const { weft } = useApi();
  const changed = useProducersChanged();
  const [name, setName] = useState(collection.name);
  const rename = useMutation({
    mutationFn: () => weft.collections.updateCollection(collection.readable_id, { name: name.trim() }),
    onSuccess: async () => {
      await changed();
      showDone(words.renamed);
      onClose();
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.renameTitle}
      lead={collection.name}
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

/** Deletes a collection with all its data, after its readable id was typed. */
export function DeleteCollectionDialog({ collection, open, onClose }: DialogProps & { collection: Collection }) {
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useProducersChanged();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => weft.collections.deleteCollection(collection.readable_id),
    onSuccess: async () => {
      showDone(words.removed);
      await navigate({ to: "/collections" });
      await changed();
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.removeTitle}
      lead={words.removeLead}
      action={words.remove}
      danger
      disabled={typed.trim() !== collection.readable_id}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      <TextField label={words.removeConfirm(collection.readable_id)} value={typed} onChange={setTyped} mono />
    </Confirm>
  );
}
