import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { Source, SourceConnection } from "@weft/sdk";
import { type FormEvent, useState } from "react";
import { mistakeAt } from "../../api/problem.ts";
import { useProducersChanged } from "../../api/producers.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox, Fields, Select, TextField } from "../../ui/field.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Line, Stack } from "../../ui/page.tsx";
import { Prose } from "../../ui/prose.tsx";
import { type AccessDraft, AccessFields, authenticationIn, emptyAccess, methodsOf } from "./access-fields.tsx";
import { type FieldTexts, valuesOf } from "./field-values.ts";
import { grantedAddress } from "./granted-access-page.tsx";
import { type ScheduleDraft, ScheduleFields, scheduleDraftOf, scheduleIn } from "./schedule-fields.tsx";
import styles from "./source-choice.module.css";
import { SourceFields } from "./source-fields.tsx";
import { StreamChoice } from "./stream-choice.tsx";

interface Draft {
  readonly name: string;
  /** Its readable id; empty for one that is created with the connection. */
  readonly collection: string;
  readonly collectionName: string;
  readonly config: FieldTexts;
  readonly access: AccessDraft;
  readonly schedule: ScheduleDraft;
  readonly syncNow: boolean;
}

interface ConnectionFormProps {
  readonly source: Source;
  /** The readable id of the collection that gets the entities. */
  readonly collection: string | undefined;
  readonly onOtherSource: () => void;
  readonly onCancel: () => void;
  readonly onCreated: (connection: SourceConnection) => Promise<void>;
}

const words = texts.producers.form;

/** The settings of a new source connection. Mistakes that the API reports are shown next to their fields. */
export function ConnectionForm({ source, collection, onOtherSource, onCancel, onCreated }: ConnectionFormProps) {
  const methods = methodsOf(source);
  const [draft, setDraft] = useState<Draft>({
    ...{ name: "", collection: collection ?? "", collectionName: "", config: {}, syncNow: true },
    ...{ access: emptyAccess(methods[0] ?? "direct"), schedule: scheduleDraftOf(null) },
  });
  function change(part: Partial<Draft>): void {
    setDraft((before) => ({ ...before, ...part }));
  }
  const create = useCreate(source, draft, change, onCreated);
  function send(event: FormEvent): void {
    event.preventDefault();
    create.mutate();
  }
  const needsAccess = methods.length > 1 || source.auth_fields.fields.length > 0 || draft.access.method !== "direct";
  return (
    <form onSubmit={send} className={styles.form} noValidate>
      <Stack>
        <Card
          title={source.name}
          actions={
            <Button size="small" onPress={onOtherSource}>
              {words.otherSource}
            </Button>
          }
        >
          <Fields>
            <p>
              <Prose text={source.description} />
            </p>
            <TextField
              label={words.name}
              hint={words.nameHint}
              value={draft.name}
              onChange={(name) => change({ name })}
              // If the collection does not exist yet, the collection's name was refused.
              mistake={draft.collection === "" ? null : mistakeAt(create.error, "name")}
            />
            <CollectionFields draft={draft} change={change} error={create.error} />
          </Fields>
        </Card>
        {source.config_fields.fields.length > 0 && (
          <Card title={words.settings}>
            <Fields>
              <SourceFields
                fields={source.config_fields.fields}
                values={draft.config}
                onChange={(config) => change({ config })}
                error={create.error}
                path={["config"]}
              />
            </Fields>
          </Card>
        )}
        {needsAccess && (
          <Card title={words.access}>
            <Fields>
              <AccessFields
                source={source}
                methods={methods}
                draft={draft.access}
                onChange={(access) => change({ access })}
                error={create.error}
              />
            </Fields>
          </Card>
        )}
        {source.supports_discovery && (
          <StreamChoice
            source={source}
            config={draft.config}
            access={draft.access}
            onChange={(config) => change({ config })}
          />
        )}
        <Card title={texts.producers.schedule.title}>
          <Fields>
            <ScheduleFields
              draft={draft.schedule}
              onChange={(schedule) => change({ schedule })}
              mayBeContinuous={source.supports_continuous}
              error={create.error}
            />
            <Checkbox label={words.syncNow} checked={draft.syncNow} onChange={(syncNow) => change({ syncNow })} />
          </Fields>
        </Card>
        {create.error !== null && <Problem error={create.error} />}
        <Line>
          <Button type="submit" kind="primary" busy={create.isPending}>
            {draft.access.method === "oauth_browser" ? words.createAndConnect : words.create}
          </Button>
          <Button onPress={onCancel}>{texts.common.cancel}</Button>
        </Line>
      </Stack>
    </form>
  );
}

/** Creates the collection first if it is new, then the connection; then its owner grants access if necessary. */
function useCreate(
  source: Source,
  draft: Draft,
  change: (part: Partial<Draft>) => void,
  onCreated: ConnectionFormProps["onCreated"],
) {
  const { weft } = useApi();
  const router = useRouter();
  const changed = useProducersChanged();
  return useMutation({
    mutationFn: async () => {
      let collection = draft.collection;
      if (collection === "") {
        collection = (await weft.collections.createCollection({ name: draft.collectionName.trim() })).readable_id;
        // If the connection is refused, another try uses the same collection.
        change({ collection });
      }
      return await weft.sourceConnections.createSourceConnection({
        short_name: source.short_name,
        readable_collection_id: collection,
        name: draft.name.trim() === "" ? undefined : draft.name.trim(),
        config: valuesOf(source.config_fields.fields, draft.config),
        authentication: authenticationIn(source, draft.access),
        schedule: scheduleIn(draft.schedule),
        sync_immediately: draft.syncNow,
        redirect_url: draft.access.method === "oauth_browser" ? grantedAddress(router) : undefined,
      });
    },
    onSuccess: async (connection) => {
      await changed();
      if (connection.auth.auth_url === null) await onCreated(connection);
      else location.assign(connection.auth.auth_url);
    },
    onError: () => void changed(),
  });
}

const collectionsMax = 1_000;

function CollectionFields({
  draft,
  change,
  error,
}: {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  error: unknown;
}) {
  const { weft, scope } = useApi();
  const { data } = useQuery({
    queryKey: [...scope, "collections", "choice"],
    queryFn: ({ signal }) => weft.collections.listCollections({ limit: collectionsMax }, { signal }),
  });
  const known = data?.items.map(({ readable_id: value, name }) => ({ value, label: `${name} (${value})` })) ?? [];
  // A requested collection is shown here even before the list is loaded.
  const isMissing = draft.collection !== "" && !known.some(({ value }) => value === draft.collection);
  return (
    <>
      <Select
        label={words.collection}
        value={draft.collection}
        onChange={(collection) => change({ collection })}
        options={[
          { value: "", label: words.newCollection },
          ...(isMissing ? [{ value: draft.collection, label: draft.collection }] : []),
          ...known,
        ]}
        mistake={mistakeAt(error, "readable_collection_id")}
      />
      {draft.collection === "" && (
        <TextField
          label={words.collectionName}
          value={draft.collectionName}
          onChange={(collectionName) => change({ collectionName })}
          mistake={mistakeAt(error, "name")}
          required
        />
      )}
    </>
  );
}
