import { Link } from "@tanstack/react-router";
import type { SubscriptionDetail } from "@weft/sdk";
import { EllipsisVertical, Send } from "lucide-react";
import { useState } from "react";
import { useMay } from "../../api/session.tsx";
import { texts } from "../../texts/texts.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Menu } from "../../ui/menu.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { DisableDialog, EnableDialog } from "./enable-dialog.tsx";
import { EndAction } from "./end-action.tsx";
import { TestDialog } from "./test-dialog.tsx";

/** The actions on a subscription for users who may change it. */
export function SubscriptionActions({ subscription }: { subscription: SubscriptionDetail }) {
  const [open, setOpen] = useState<"test" | "enable" | "disable" | "delete" | null>(null);
  const mayWrite = useMay("write");
  if (!mayWrite) return null;
  if (subscription.kind === "mcp") return <EndAction subscription={subscription} />;
  const { id, disabled } = subscription;
  const { actions } = texts.subscriptions;
  const close = () => setOpen(null);
  return (
    <>
      {disabled ? (
        <Button kind="primary" onPress={() => setOpen("enable")}>
          {actions.enable}
        </Button>
      ) : (
        <Button kind="primary" onPress={() => setOpen("test")}>
          <Send size={15} aria-hidden="true" />
          {actions.test}
        </Button>
      )}
      <Link to="/subscriptions/$subscriptionId/edit" params={{ subscriptionId: id }} className={buttonClass()}>
        {actions.edit}
      </Link>
      <Menu
        label={texts.common.more}
        trigger={<EllipsisVertical size={16} aria-hidden="true" />}
        entries={[
          ...(disabled ? [] : [{ key: "disable", label: actions.disable, onPress: () => setOpen("disable") }]),
          { key: "delete", label: actions.delete, danger: true, onPress: () => setOpen("delete") },
        ]}
      />
      <TestDialog subscription={subscription} open={open === "test"} onClose={close} />
      <EnableDialog subscription={subscription} open={open === "enable"} onClose={close} />
      <DisableDialog subscription={subscription} open={open === "disable"} onClose={close} />
      <DeleteDialog subscription={subscription} open={open === "delete"} onClose={close} />
    </>
  );
}
