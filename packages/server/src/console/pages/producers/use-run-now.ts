import { useMutation } from "@tanstack/react-query";
import { useProducersChanged } from "../../api/producers.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { showDone, showProblem } from "../../ui/toast.tsx";

/** Begins a sync of a source connection, by its id. */
export function useRunNow() {
  const { weft } = useApi();
  const changed = useProducersChanged();
  return useMutation({
    mutationFn: (sourceConnectionId: string) => weft.sourceConnections.runSourceConnection(sourceConnectionId),
    onSuccess: async () => {
      showDone(texts.producers.connection.started);
      await changed();
    },
    onError: showProblem,
  });
}
