import { useMutation } from "@tanstack/react-query";
import type { Organization } from "@weft/sdk";
import { useState } from "react";
import { useApi } from "../../api/weft.tsx";
import { organizationName } from "../../layout/organization-name.ts";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Code } from "../../ui/code.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Confirm, Dialog } from "../../ui/dialog.tsx";
import { Checkbox, FieldGroup, Fields, Select } from "../../ui/field.tsx";
import { TimeUntil } from "../../ui/time.tsx";

const scopes = ["read", "write", "secrets"] as const;
type Scope = (typeof scopes)[number];
const words = texts.administration.portal;

/** Creates a link that shows the deliveries of one organization without a key. The link is shown once. */
export function PortalDialog({ organization, onClose }: { organization: Organization; onClose: () => void }) {
  const { weft } = useApi();
  const [requested, setRequested] = useState<readonly Scope[]>(["read", "write"]);
  const [seconds, setSeconds] = useState<keyof typeof words.expiries>("3600");
  const make = useMutation({
    mutationFn: () =>
      weft.session.createPortalSession(
        { scopes: requested, expires_in_seconds: Number(seconds) },
        { organizationId: organization.id },
      ),
    // The response contains the link, which is stored nowhere except where it is shown.
    gcTime: 0,
  });
  const title = words.title(organizationName(organization));
  if (make.data !== undefined) {
    const { url, expires_at } = make.data;
    return (
      <Dialog
        open
        onClose={onClose}
        title={title}
        lead={words.shownLead}
        actions={
          <>
            <CopyButton text={url} label={words.copy} showLabel />
            <Button kind="primary" onPress={onClose}>
              {words.done}
            </Button>
          </>
        }
      >
        <Code text={url} label={words.link} />
        <p>
          {words.ends} <TimeUntil at={expires_at} />
        </p>
      </Dialog>
    );
  }
  return (
    <Confirm
      open
      onClose={onClose}
      title={title}
      lead={words.lead}
      action={words.submit}
      disabled={requested.length === 0}
      busy={make.isPending}
      error={make.error}
      onConfirm={() => make.mutate()}
    >
      <Fields>
        <FieldGroup label={words.scopes}>
          {scopes.map((each) => (
            <Checkbox
              key={each}
              label={words.scopeNames[each]}
              checked={requested.includes(each)}
              onChange={(checked) =>
                setRequested(checked ? [...requested, each] : requested.filter((other) => other !== each))
              }
            />
          ))}
        </FieldGroup>
        <Select
          label={words.expires}
          value={seconds}
          onChange={setSeconds}
          options={(["300", "900", "3600"] as const).map((value) => ({ value, label: words.expiries[value] }))}
        />
      </Fields>
    </Confirm>
  );
}
