import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ApiKey, NewApiKey } from "@weft/sdk";
import { useState } from "react";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { showDone } from "../../ui/toast.tsx";

const words = texts.administration.keys;

interface KeyDialogProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
}

export function RotateKeyDialog({ apiKey, onMade, onClose }: KeyDialogProps & { onMade: (key: NewApiKey) => void }) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const [overlap, setOverlap] = useState<keyof typeof words.overlaps>("86400");
  const rotate = useMutation({
    mutationFn: () => weft.apiKeys.rotateApiKey(apiKey.id, { overlap: Number(overlap) }),
    // The response contains the key, which is stored nowhere except where it is shown.
    gcTime: 0,
    onSuccess: async (key) => {
      onMade(key);
      await queryClient.invalidateQueries({ queryKey: [...scope, "api-keys"] });
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.rotateTitle(apiKey.name)}
      lead={words.rotateLead}
      action={words.rotate}
      danger
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={() => rotate.mutate()}
    >
      <Select
        label={words.overlap}
        value={overlap}
        onChange={setOverlap}
        options={(["0", "3600", "86400", "604800"] as const).map((value) => ({ value, label: words.overlaps[value] }))}
      />
      <OwnKeyNote apiKey={apiKey} />
    </Confirm>
  );
}

export function DeleteKeyDialog({ apiKey, onClose }: KeyDialogProps) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => weft.apiKeys.deleteApiKey(apiKey.id),
    onSuccess: async () => {
      showDone(words.deleted);
      onClose();
      await queryClient.invalidateQueries({ queryKey: [...scope, "api-keys"] });
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.deleteTitle(apiKey.name)}
      lead={words.deleteLead}
      action={words.delete}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      <OwnKeyNote apiKey={apiKey} />
    </Confirm>
  );
}

/** A user who deletes their own key is signed out. */
function OwnKeyNote({ apiKey }: { apiKey: ApiKey }) {
  const { actor } = useSession();
  return actor.id === apiKey.id ? <Notice tone="warning">{words.ownNote}</Notice> : null;
}
