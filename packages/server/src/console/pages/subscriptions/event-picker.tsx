import { useQuery } from "@tanstack/react-query";
import type { EventType } from "@weft/sdk";
import { useState } from "react";
import { eventTypesQuery } from "../../api/event-types.ts";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox, FieldGroup, TextField } from "../../ui/field.tsx";
import { JsonView } from "../../ui/json/json-view.tsx";
import { Quiet } from "../../ui/page.tsx";
import { Prose } from "../../ui/prose.tsx";
import styles from "./event-picker.module.css";

interface EventPickerProps {
  readonly value: readonly string[];
  readonly onChange: (types: readonly string[]) => void;
  readonly mistake: string | null;
}

/** The events of a subscription: single types, or whole groups by their wildcard. */
export function EventPicker({ value, onChange, mistake }: EventPickerProps) {
  const { data: types } = useQuery(eventTypesQuery(useApi()));
  const { organization } = useSession();
  const [search, setSearch] = useState("");
  const groups = [...Map.groupBy(types ?? [], ({ group }) => group)];
  const found = groups.flatMap(([group, members]) => {
    const shown = members.filter((type) => isFound(type, search));
    return shown.length === 0 ? [] : [{ group, members, shown }];
  });
  const known = new Set([...(types ?? []).map(({ name }) => name), ...groups.map(([group]) => `${group}.*`)]);
  const others = types === undefined ? [] : value.filter((type) => !known.has(type));
  function choose(name: string, isSelected: boolean): void {
    onChange(isSelected ? [...value, name] : value.filter((type) => type !== name));
  }
  const { form } = texts.subscriptions;
  return (
    <FieldGroup label={form.events} hint={form.eventsHint}>
      {mistake !== null && (
        <p className={styles.mistake} role="alert">
          {mistake}
        </p>
      )}
      {(types?.length ?? 0) > typesWithoutSearch && (
        <TextField
          type="search"
          label={form.searchTypes}
          hideLabel
          placeholder={form.searchTypes}
          value={search}
          onChange={setSearch}
        />
      )}
      {types !== undefined && types.length > 0 && found.length === 0 && (
        <Quiet>{form.noTypesFound(search.trim())}</Quiet>
      )}
      <div className={styles.groups}>
        {found.map(({ group, members, shown }) => (
          <EventGroup
            key={group}
            group={group}
            members={members}
            shown={shown}
            value={value}
            onChoose={choose}
            onChange={onChange}
          />
        ))}
        {others.length > 0 && (
          <div className={styles.group}>
            <p className={styles.name}>{form.unknownTypes}</p>
            {others.map((type) => (
              <Checkbox key={type} label={<code>{type}</code>} checked onChange={() => choose(type, false)} />
            ))}
          </div>
        )}
      </div>
      {organization.unknown_event_types === "accept" && (
        <OtherType onAdd={(type) => onChange([...value.filter((known) => known !== type), type])} />
      )}
    </FieldGroup>
  );
}

/** With this many event types or fewer, all are in view. */
const typesWithoutSearch = 8;

/** Whether the name, the group or the description contains each word. */
function isFound({ name, group, description }: EventType, search: string): boolean {
  const text = `${name} ${group} ${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Selects an event type that is not in the catalogue. */
function OtherType({ onAdd }: { onAdd: (type: string) => void }) {
  const [text, setText] = useState("");
  const { form } = texts.subscriptions;
  return (
    <div className={styles.other}>
      <TextField label={form.otherType} hint={form.otherTypeHint} value={text} onChange={setText} mono />
      <Button
        disabled={text.trim() === ""}
        onPress={() => {
          onAdd(text.trim());
          setText("");
        }}
      >
        {form.addOtherType}
      </Button>
    </div>
  );
}

interface EventGroupProps {
  readonly group: string;
  readonly members: readonly EventType[];
  /** Those that the search finds. */
  readonly shown: readonly EventType[];
  readonly value: readonly string[];
  readonly onChoose: (name: string, isSelected: boolean) => void;
  readonly onChange: (types: readonly string[]) => void;
}

function EventGroup({ group, members, shown, value, onChoose, onChange }: EventGroupProps) {
  const wildcard = `${group}.*`;
  const isWhole = value.includes(wildcard);
  const some = members.some(({ name }) => value.includes(name));
  function chooseWhole(isSelected: boolean): void {
    const others = value.filter((type) => type !== wildcard && !members.some(({ name }) => name === type));
    onChange(isSelected ? [...others, wildcard] : others);
  }
  return (
    <div className={styles.group}>
      <div className={styles.name}>
        <Checkbox
          label={texts.subscriptions.form.wholeGroup(wildcard)}
          checked={isWhole}
          mixed={!isWhole && some}
          onChange={chooseWhole}
        />
      </div>
      {shown.map((type) => (
        <EventChoice
          key={type.name}
          type={type}
          checked={isWhole || value.includes(type.name)}
          disabled={isWhole}
          onChoose={onChoose}
        />
      ))}
    </div>
  );
}

interface EventChoiceProps {
  readonly type: EventType;
  readonly checked: boolean;
  readonly disabled: boolean;
  readonly onChoose: (name: string, isSelected: boolean) => void;
}

function EventChoice({ type, checked, disabled, onChoose }: EventChoiceProps) {
  const [isOpen, setOpen] = useState(false);
  const { form } = texts.subscriptions;
  return (
    <div>
      <div className={styles.choice}>
        <Checkbox
          label={<code>{type.name}</code>}
          hint={<Prose text={type.description} />}
          checked={checked}
          disabled={disabled}
          onChange={(isSelected) => onChoose(type.name, isSelected)}
        />
        <Button kind="quiet" size="small" pressed={isOpen} onPress={() => setOpen(!isOpen)}>
          {form.details}
          <span className="visually-hidden"> {type.name}</span>
        </Button>
      </div>
      {isOpen && (
        <div className={styles.details}>
          {type.example !== null && (
            <div>
              <Quiet>{form.example}</Quiet>
              <JsonView text={JSON.stringify(type.example)} label={form.example} />
            </div>
          )}
          <div>
            <Quiet>{form.schema}</Quiet>
            <JsonView text={JSON.stringify(type.schema)} label={form.schema} />
          </div>
        </div>
      )}
    </div>
  );
}
