import { type FormEvent, type ReactNode, useState } from "react";
import { mistakeAt } from "../../api/problem.ts";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox, Fields, Select, TextArea, TextField } from "../../ui/field.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Line, Stack } from "../../ui/page.tsx";
import {
  type EventTypeDraft,
  mistakenVersion,
  newestVersion,
  type SchemaDraft,
  schemaMistakes,
  schemaOf,
  withSchema,
} from "./event-type-draft.ts";
import styles from "./event-type-form.module.css";

interface EventTypeFormProps {
  readonly initial: EventTypeDraft;
  readonly isNew: boolean;
  readonly submit: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSubmit: (draft: EventTypeDraft) => void;
  readonly cancel: ReactNode;
}

const words = texts.eventTypes.form;

/** An event type to edit. Each mistake is shown at its field. */
export function EventTypeForm(props: EventTypeFormProps) {
  const { initial, isNew, error } = props;
  const [draft, setDraft] = useState(initial);
  const [isSent, setSent] = useState(false);
  function change(part: Partial<EventTypeDraft>): void {
    setDraft((before) => ({ ...before, ...part }));
  }
  const newest = newestVersion(draft);
  const [version, setVersion] = useState(newest);
  const mistakes = schemaMistakes(schemaOf(draft, version));
  function changeSchema(part: Partial<SchemaDraft>): void {
    setDraft((before) => withSchema(before, version, part));
  }
  function send(event: FormEvent): void {
    event.preventDefault();
    setSent(true);
    const mistaken = mistakenVersion(draft);
    if (mistaken === null) props.onSubmit(draft);
    else setVersion(mistaken);
  }
  return (
    <form onSubmit={send} className={styles.form} noValidate>
      <Stack>
        <Card title={words.about}>
          <Fields>
            {isNew && (
              <TextField
                label={words.name}
                hint={words.nameHint}
                value={draft.name}
                onChange={(name) => change({ name })}
                mistake={mistakeAt(error, "name")}
                required
                autoFocus
                mono
              />
            )}
            <TextField
              label={words.description}
              value={draft.description}
              onChange={(description) => change({ description })}
              mistake={mistakeAt(error, "description")}
            />
            <TextField
              label={words.group}
              hint={words.groupHint}
              value={draft.group}
              onChange={(group) => change({ group })}
              mistake={mistakeAt(error, "group")}
            />
            {!isNew && (
              <Checkbox
                label={words.deprecated}
                hint={words.deprecatedHint}
                checked={draft.deprecated}
                onChange={(deprecated) => change({ deprecated })}
              />
            )}
          </Fields>
        </Card>
        <Card title={words.payload} term="payload">
          <Fields>
            {draft.schemas.size > 1 && (
              <Select
                label={words.version}
                hint={words.versionHint}
                value={version}
                onChange={setVersion}
                options={[...draft.schemas.keys()]
                  .toReversed()
                  .map((value) => ({ value, label: value === newest ? words.newest(value) : value }))}
              />
            )}
            <TextArea
              label={words.example}
              hint={version === newest ? words.exampleHint : words.olderExampleHint}
              value={schemaOf(draft, version).example}
              onChange={(example) => changeSchema({ example })}
              mistake={isSent ? mistakes.example : null}
              placeholder={'{ "id": 42 }'}
            />
            <TextArea
              label={words.schema}
              hint={version === newest ? words.schemaHint : words.olderSchemaHint}
              value={schemaOf(draft, version).schema}
              onChange={(schema) => changeSchema({ schema })}
              mistake={(isSent ? mistakes.schema : null) ?? mistakeAt(error, "schemas")}
              rows={16}
              placeholder={'{ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } }'}
            />
          </Fields>
        </Card>
        {error !== null && error !== undefined && <Problem error={error} />}
        <Line>
          <Button type="submit" kind="primary" busy={props.busy}>
            {props.submit}
          </Button>
          {props.cancel}
        </Line>
      </Stack>
    </form>
  );
}
