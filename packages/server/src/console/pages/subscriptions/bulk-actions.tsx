import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Subscription } from "@weft/sdk";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { showDone, showProblem } from "../../ui/toast.tsx";
import styles from "./subscriptions-page.module.css";

type Action = "enable" | "disable" | "delete";

// Few at a time, because they are many calls of one browser.
const atOnce = 4;

/** Applies one action to all selected subscriptions, and lists those for which it failed. */
export function BulkActions({ subscriptions, onDone }: { subscriptions: readonly Subscription[]; onDone: () => void }) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const [confirmsDeletion, setConfirmsDeletion] = useState(false);
  const change = useMutation({
    mutationFn: async (action: Action) => {
      const failures: unknown[] = [];
      const left = [...subscriptions];
      async function work(): Promise<void> {
        for (let next = left.pop(); next !== undefined; next = left.pop()) {
          const { id } = next;
          const done =
            action === "delete"
              ? weft.webhooks.deleteSubscription(id)
              : weft.webhooks.updateSubscription(id, { disabled: action === "disable" });
          await done.catch((error: unknown) => failures.push(error));
        }
      }
      await Promise.all(Array.from({ length: atOnce }, work));
      return failures;
    },
    onSuccess: async (failures) => {
      setConfirmsDeletion(false);
      await queryClient.invalidateQueries({ queryKey: [...scope, "subscriptions"] });
      const [first] = failures;
      const { done, failed } = texts.subscriptions.bulk;
      if (first === undefined) showDone(done(subscriptions.length));
      else showProblem(new Error(failed(failures.length, problemOf(first).title)));
      onDone();
    },
  });
  const { bulk, chosen, remove } = texts.subscriptions;
  return (
    <div className={styles.bulk}>
      <span role="status">{chosen(subscriptions.length)}</span>
      <Button size="small" busy={change.isPending} onPress={() => change.mutate("enable")}>
        {bulk.enable}
      </Button>
      <Button size="small" busy={change.isPending} onPress={() => change.mutate("disable")}>
        {bulk.disable}
      </Button>
      <Button size="small" onPress={() => setConfirmsDeletion(true)}>
        {bulk.delete}
      </Button>
      <Confirm
        open={confirmsDeletion}
        onClose={() => setConfirmsDeletion(false)}
        title={remove.many(subscriptions.length)}
        lead={remove.lead}
        action={remove.submit}
        danger
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate("delete")}
      />
    </div>
  );
}
