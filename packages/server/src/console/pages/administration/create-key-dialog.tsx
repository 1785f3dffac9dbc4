import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ApiKey, NewApiKey } from "@weft/sdk";
import { useState } from "react";
import { mistakeAt } from "../../api/problem.ts";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { Checkbox, FieldGroup, Fields, Select, TextField } from "../../ui/field.tsx";

type Scope = ApiKey["scopes"][number];
type Expiry = keyof typeof words.expiries;

const dayMs = 86_400_000;
const words = texts.administration.keys;

/** Creates a key, with at most the rights of the caller. */
export function CreateKeyDialog({ onMade, onClose }: { onMade: (key: NewApiKey) => void; onClose: () => void }) {
  const { weft, scope } = useApi();
  const { scopes: own } = useSession();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["read", "write", "publish"]);
  const [expiry, setExpiry] = useState<Expiry>("never");
  const create = useMutation({
    mutationFn: () =>
      weft.apiKeys.createApiKey({
        name: name.trim(),
        scopes,
        expires_at: expiry === "never" ? null : new Date(Date.now() + Number(expiry) * dayMs).toISOString(),
      }),
    // The response contains the key, which is stored nowhere except where it is shown.
    gcTime: 0,
    onSuccess: async (key) => {
      await queryClient.invalidateQueries({ queryKey: [...scope, "api-keys"] });
      onMade(key);
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.create}
      lead={words.lead}
      action={words.submit}
      disabled={scopes.length === 0}
      busy={create.isPending}
      error={create.error}
      onConfirm={() => create.mutate()}
    >
      <Fields>
        <TextField
          label={words.name}
          hint={words.nameHint}
          value={name}
          onChange={setName}
          mistake={mistakeAt(create.error, "name")}
          required
          autoFocus
        />
        <FieldGroup label={words.scopes}>
          {own.map((each) => (
            <Checkbox
              key={each}
              label={texts.administration.scopes[each]}
              checked={scopes.includes(each)}
              onChange={(checked) => setScopes(checked ? [...scopes, each] : scopes.filter((other) => other !== each))}
            />
          ))}
        </FieldGroup>
        <Select
          label={words.expires}
          value={expiry}
          onChange={setExpiry}
          options={(["never", "30", "90", "365"] as const).map((value) => ({ value, label: words.expiries[value] }))}
        />
      </Fields>
    </Confirm>
  );
}
