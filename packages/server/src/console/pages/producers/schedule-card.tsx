import { useMutation } from "@tanstack/react-query";
import type { Source, SourceConnection } from "@weft/sdk";
import { useState } from "react";
import { useProducersChanged } from "../../api/producers.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Fact, Facts } from "../../ui/card.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Fields } from "../../ui/field.tsx";
import { showDone, showProblem } from "../../ui/toast.tsx";
import { ScheduleFields, scheduleDraftOf, scheduleIn } from "./schedule-fields.tsx";
import { NextRun, ScheduleText } from "./schedule-text.tsx";

const words = texts.producers.schedule;

interface ScheduleCardProps {
  readonly connection: SourceConnection;
  readonly source: Source | undefined;
}

/** The schedule of a connection, with buttons to change, pause or resume it. */
export function ScheduleCard({ connection, source }: ScheduleCardProps) {
  const mayWrite = useMay("write");
  const [isChanging, setChanging] = useState(false);
  const { schedule, status } = connection;
  return (
    <Card
      title={words.title}
      actions={
        mayWrite && (
          <>
            {(schedule !== null || status === "inactive") && <PauseButton connection={connection} />}
            <Button size="small" onPress={() => setChanging(true)}>
              {words.change}
            </Button>
          </>
        )
      }
    >
      <Facts>
        <Fact name={words.when}>
          <ScheduleText schedule={schedule} />
        </Fact>
        <Fact name={words.nextRun}>
          <NextRun schedule={schedule} isPaused={status === "inactive"} />
        </Fact>
      </Facts>
      {isChanging && <ScheduleDialog connection={connection} source={source} onClose={() => setChanging(false)} />}
    </Card>
  );
}

function PauseButton({ connection: { id, status } }: { connection: SourceConnection }) {
  const { weft } = useApi();
  const changed = useProducersChanged();
  const isPaused = status === "inactive";
  const change = useMutation({
    mutationFn: () =>
      isPaused ? weft.sourceConnections.resumeSourceConnection(id) : weft.sourceConnections.pauseSourceConnection(id),
    onSuccess: async () => {
      await changed();
      showDone(isPaused ? words.resumed : words.paused);
    },
    onError: showProblem,
  });
  return (
    <Button size="small" busy={change.isPending} onPress={() => change.mutate()}>
      {isPaused ? words.resume : words.pause}
    </Button>
  );
}

function ScheduleDialog({ connection, source, onClose }: ScheduleCardProps & { onClose: () => void }) {
  const { weft } = useApi();
  const changed = useProducersChanged();
  const [draft, setDraft] = useState(scheduleDraftOf(connection.schedule));
  const save = useMutation({
    mutationFn: () => weft.sourceConnections.updateSourceConnection(connection.id, { schedule: scheduleIn(draft) }),
    onSuccess: async () => {
      await changed();
      showDone(words.saved);
      onClose();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.title}
      lead={connection.name}
      action={words.save}
      busy={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate()}
    >
      <Fields>
        <ScheduleFields
          draft={draft}
          onChange={setDraft}
          mayBeContinuous={source?.supports_continuous ?? false}
          error={save.error}
        />
      </Fields>
    </Confirm>
  );
}
