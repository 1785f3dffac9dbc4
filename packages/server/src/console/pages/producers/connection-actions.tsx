import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Source, SourceConnection } from "@weft/sdk";
import { EllipsisVertical, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useProducersChanged } from "../../api/producers.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { showDone } from "../../ui/toast.tsx";
import { methodsOf } from "./access-fields.tsx";
import { AccessDialog } from "./connect-button.tsx";
import { useRunNow } from "./use-run-now.ts";

const words = texts.producers.connection;

interface ConnectionActionsProps {
  readonly connection: SourceConnection;
  /** Undefined while it is loading, and when this Weft no longer offers it. */
  readonly source: Source | undefined;
}

/** The actions on a source connection for users who may change it. */
export function ConnectionActions({ connection, source }: ConnectionActionsProps) {
  const [open, setOpen] = useState<"access" | "delete" | null>(null);
  const run = useRunNow();
  const mayWrite = useMay("write");
  if (!mayWrite) return null;
  const { status } = connection;
  const close = () => setOpen(null);
  const mayChangeAccess =
    source !== undefined && (methodsOf(source).length > 1 || source.auth_fields.fields.length > 0);
  return (
    <>
      {status !== "pending_auth" && status !== "needs_reauth" && (
        <Button
          kind="primary"
          busy={run.isPending}
          disabled={status === "syncing"}
          onPress={() => run.mutate(connection.id)}
        >
          <RefreshCw size={15} aria-hidden="true" />
          {words.runNow}
        </Button>
      )}
      <Menu
        label={texts.common.more}
        trigger={<EllipsisVertical size={16} aria-hidden="true" />}
        entries={[
          ...(mayChangeAccess
            ? [{ key: "access", label: words.newCredentials, onPress: () => setOpen("access") }]
            : []),
          { key: "delete", label: words.delete, danger: true, onPress: () => setOpen("delete") },
        ]}
      />
      {source !== undefined && (
        <AccessDialog
          connection={connection}
          source={source}
          title={words.newCredentials}
          open={open === "access"}
          onClose={close}
        />
      )}
      <DeleteDialog connection={connection} open={open === "delete"} onClose={close} />
    </>
  );
}

interface DeleteDialogProps {
  readonly connection: SourceConnection;
  readonly open: boolean;
  readonly onClose: () => void;
}

function DeleteDialog({ connection, open, onClose }: DeleteDialogProps) {
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useProducersChanged();
  const remove = useMutation({
    mutationFn: () => weft.sourceConnections.deleteSourceConnection(connection.id),
    onSuccess: async () => {
      showDone(words.removed);
      await navigate({ to: "/source-connections" });
      await changed();
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.removeTitle}
      lead={words.removeLead}
      action={words.delete}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    />
  );
}
