import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RecoveryTask } from "@weft/sdk";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/format.ts";
import { Line, Quiet } from "../../ui/page.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { showProblem } from "../../ui/toast.tsx";

/** How often the progress of a running recovery is read. */
export const progressPollMs = 1_000;

export function isUnfinished({ status, outcomes }: RecoveryTask): boolean {
  return status === "running" || outcomes.waiting > 0;
}

const tones: Readonly<Record<RecoveryTask["status"], Tone>> = {
  running: "info",
  paused: "warning",
  completed: "good",
  failed: "bad",
  cancelled: "quiet",
};

export function RecoveryStatus({ status }: Pick<RecoveryTask, "status">) {
  return <Badge tone={tones[status]}>{texts.recoveries.statuses[status]}</Badge>;
}

/** The deliveries that a recovery has re-queued, by their outcomes. */
export function RecoveryProgress({ recovery }: { recovery: RecoveryTask }) {
  const { recovered, total, outcomes, warning } = recovery;
  const words = texts.recoveries;
  const { delivered, failed, waiting, waiting_reason: reason, set_aside: setAside } = outcomes;
  const parts = [
    total === null ? words.countingTotal : words.requeued(formatCount(recovered), formatCount(total)),
    ...(delivered > 0 ? [words.delivered(formatCount(delivered))] : []),
    ...(failed > 0 ? [words.failed(formatCount(failed))] : []),
    ...(setAside > 0 ? [words.setAside(formatCount(setAside))] : []),
    ...(waiting > 0 ? [words.waiting(formatCount(waiting), reason)] : []),
  ];
  return (
    <>
      <ProgressBar label={words.progress} value={recovered} max={total} />
      <Quiet>{parts.join(" · ")}</Quiet>
      {warning !== null && <Quiet>{warning}</Quiet>}
    </>
  );
}

interface RecoveryActionsProps {
  readonly subscriptionId: string;
  /** A name for screen readers. */
  readonly label: string;
  readonly recovery: RecoveryTask;
}

/** Pauses, resumes and cancels a recovery. */
export function RecoveryActions({ subscriptionId, label, recovery: { id, status } }: RecoveryActionsProps) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: (action: "pauseRecovery" | "resumeRecovery" | "cancelRecovery") =>
      weft.webhooks[action](subscriptionId, id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [...scope, "recoveries"] }),
    onError: showProblem,
  });
  if (status !== "running" && status !== "paused") return null;
  const words = texts.recoveries;
  const isPaused = status === "paused";
  return (
    <fieldset aria-label={words.actionsOf(label)}>
      <Line>
        <Button
          size="small"
          busy={change.isPending}
          onPress={() => change.mutate(isPaused ? "resumeRecovery" : "pauseRecovery")}
        >
          {isPaused ? words.resume : words.pause}
        </Button>
        <Button size="small" busy={change.isPending} onPress={() => change.mutate("cancelRecovery")}>
          {words.cancel}
        </Button>
      </Line>
    </fieldset>
  );
}
