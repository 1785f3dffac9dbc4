import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { Source, SourceConnection } from "@weft/sdk";
import { useState } from "react";
import { sourcesQuery, useProducersChanged } from "../../api/producers.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Fields } from "../../ui/field.tsx";
import { showDone } from "../../ui/toast.tsx";
import { AccessFields, authenticationIn, emptyAccess, methodsOf } from "./access-fields.tsx";
import { grantedAddress } from "./granted-access-page.tsx";

const words = texts.producers.connection;

/**
 * Lets a connection's owner grant access: redirects the browser to the provider, which redirects it back to the
 * connection's page.
 */
export function ConnectButton({ connection }: { connection: SourceConnection }) {
  const { data: sources } = useQuery(sourcesQuery(useApi()));
  const [isRequesting, setRequesting] = useState(false);
  const source = sources?.find(({ short_name }) => short_name === connection.short_name);
  const label = connection.status === "pending_auth" ? words.connect : words.reconnect;
  function connect(): void {
    const { auth_url: url, auth_url_expires: expires } = connection.auth;
    if (url !== null && Date.parse(expires ?? "") > Date.now()) location.assign(url);
    else setRequesting(true);
  }
  return (
    <>
      <Button kind="primary" disabled={source === undefined} onPress={connect}>
        {label}
      </Button>
      {source !== undefined && (
        <AccessDialog
          connection={connection}
          source={source}
          title={label}
          open={isRequesting}
          onClose={() => setRequesting(false)}
        />
      )}
    </>
  );
}

interface AccessDialogProps {
  readonly connection: SourceConnection;
  readonly source: Source;
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Gives a connection other credentials or tokens, or begins another authorization by its owner. */
export function AccessDialog({ connection, source, title, open, onClose }: AccessDialogProps) {
  const { weft } = useApi();
  const router = useRouter();
  const changed = useProducersChanged();
  const methods = methodsOf(source);
  const { method } = connection.auth;
  const initial = emptyAccess(methods.includes(method) ? method : (methods[0] ?? "direct"));
  const [draft, setDraft] = useState(initial);
  const isBrowser = draft.method === "oauth_browser";
  const save = useMutation({
    mutationFn: () =>
      weft.sourceConnections.updateSourceConnection(connection.id, {
        authentication: authenticationIn(source, draft),
        redirect_url: isBrowser ? grantedAddress(router) : undefined,
      }),
    onSuccess: async ({ auth }) => {
      setDraft(initial);
      if (isBrowser && auth.auth_url !== null) {
        location.assign(auth.auth_url);
        return;
      }
      await changed();
      showDone(words.credentialsSaved);
      onClose();
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={title}
      lead={isBrowser ? words.connectLead : connection.name}
      action={isBrowser ? words.connect : texts.common.save}
      busy={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate()}
    >
      <Fields>
        <AccessFields source={source} methods={methods} draft={draft} onChange={setDraft} error={save.error} />
      </Fields>
    </Confirm>
  );
}
