import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sourcesQuery } from "../../../api/producers.ts";
import { useApi } from "../../../api/weft.tsx";
import { texts } from "../../../texts/texts.ts";
import { Button } from "../../../ui/button.tsx";
import { Problem } from "../../../ui/notice.tsx";
import { Quiet } from "../../../ui/page.tsx";
import { ConnectionForm } from "../../producers/connection-form.tsx";
import { SourceChoice } from "../../producers/source-choice.tsx";

const words = texts.onboarding.connect;

/** Selects and connects a source without leaving the checklist. */
export function ConnectSource({ isDone }: { isDone: boolean }) {
  const api = useApi();
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [selected, setSelected] = useState<string | null>(null);
  const { data: sources, error, refetch } = useQuery({ ...sourcesQuery(api), enabled: isOpen });
  if (isDone) return <Quiet>{words.connected}</Quiet>;
  if (!isOpen) {
    return (
      <>
        <Quiet>{words.lead}</Quiet>
        <div>
          <Button onPress={() => setOpen(true)}>{words.start}</Button>
        </div>
      </>
    );
  }
  const source = sources?.find(({ short_name }) => short_name === selected);
  return (
    <>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {source === undefined && sources !== undefined && (
        <SourceChoice
          sources={sources}
          selector={({ short_name, name }, className) => (
            <button type="button" className={className} onClick={() => setSelected(short_name)}>
              {name}
            </button>
          )}
        />
      )}
      {source !== undefined && (
        <ConnectionForm
          source={source}
          collection={undefined}
          onOtherSource={() => setSelected(null)}
          onCancel={() => setOpen(false)}
          onCreated={async () => {
            await queryClient.invalidateQueries({ queryKey: [...api.scope, "overview"] });
          }}
        />
      )}
    </>
  );
}
