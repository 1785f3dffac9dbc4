import { useMutation } from "@tanstack/react-query";
import type { Source, SourceStreams } from "@weft/sdk";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox, Fields } from "../../ui/field.tsx";
import { Problem } from "../../ui/notice.tsx";
import { type AccessDraft, authenticationIn } from "./access-fields.tsx";
import { type FieldTexts, valuesOf } from "./field-values.ts";

type Stream = SourceStreams["streams"][number];

interface StreamChoiceProps {
  readonly source: Source;
  readonly config: FieldTexts;
  readonly access: AccessDraft;
  readonly onChange: (config: FieldTexts) => void;
}

const words = texts.producers.form;

/** Lists the streams of a source with the settings of the form, and selects some of them. */
export function StreamChoice({ source, config, access, onChange }: StreamChoiceProps) {
  const { weft } = useApi();
  const discover = useMutation({
    mutationFn: () =>
      weft.sources.discoverSource(
        source.short_name,
        {
          // A choice of streams that do not exist must not prevent the list.
          config: valuesOf(source.config_fields.fields, { ...config, streams: "" }),
          authentication: authenticationIn(source, access),
        },
        { timeoutMs },
      ),
  });
  const streams = discover.data?.streams ?? [];
  const selected = selectedIn(config, streams);
  function select(id: string, isSelected: boolean): void {
    const chosen = streams.filter((stream) => (stream.id === id ? isSelected : selected.has(stream.id)));
    onChange({ ...config, streams: chosen.map((stream) => stream.id).join("\n") });
  }
  return (
    <Card
      title={words.streams}
      actions={
        <Button size="small" busy={discover.isPending} onPress={() => discover.mutate()}>
          {words.listStreams}
        </Button>
      }
    >
      <Fields>
        <p>{words.streamsHint}</p>
        {discover.error !== null && <Problem error={discover.error} />}
        {streams.map((stream) => (
          <Checkbox
            key={stream.id}
            label={stream.id}
            hint={stream.key_properties.length === 0 ? words.noKey : words.keyOf(stream.key_properties.join(", "))}
            checked={selected.has(stream.id)}
            onChange={(isSelected) => select(stream.id, isSelected)}
          />
        ))}
      </Fields>
    </Card>
  );
}

/** Discovery may take two minutes. */
const timeoutMs = 150_000;

/** Without a choice, a job reads the streams that the source selects. */
function selectedIn({ streams = "" }: FieldTexts, known: readonly Stream[]): ReadonlySet<string> {
  const chosen = streams.split("\n").filter((line) => line.trim() !== "");
  if (chosen.length > 0) return new Set(chosen);
  return new Set(known.filter((stream) => stream.is_selected_by_default).map(({ id }) => id));
}
