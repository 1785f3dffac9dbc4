import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { EventTypeDefinition, UpdateEventTypeBody } from "@weft/sdk";
import { editedEventTypeQuery, type SchemaTexts, useEventTypesChanged } from "../../api/event-types.ts";
import { useMayDefineEventTypes } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { showDone } from "../../ui/toast.tsx";
import { changeOf, draftOf } from "./event-type-draft.ts";
import { EventTypeForm } from "./event-type-form.tsx";

const words = texts.eventTypes.form;

export function EditEventTypePage() {
  const { name } = useParams({ from: "/event-types/$name/edit" });
  const mayDefine = useMayDefineEventTypes();
  // It is read once, so that a change by another user does not replace the text that is being edited.
  const { data, error } = useQuery({ ...editedEventTypeQuery(useApi(), name), enabled: mayDefine });
  const refusal = !mayDefine ? words.onlyOperators : data?.type.built_in === true ? words.builtIn : null;
  return (
    <Page
      title={words.editTitle(name)}
      above={
        <Link to="/event-types/$name" params={{ name }}>
          {name}
        </Link>
      }
    >
      {error !== null && <Problem error={error} />}
      {refusal !== null ? <Empty title={refusal} /> : data !== undefined && <Edited {...data} />}
    </Page>
  );
}

function Edited({ type, schemas }: { type: EventTypeDefinition; schemas: SchemaTexts }) {
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useEventTypesChanged();
  const here = { to: "/event-types/$name", params: { name: type.name } } as const;
  const save = useMutation({
    mutationFn: (body: UpdateEventTypeBody) => weft.webhooks.updateEventType(type.name, body),
    onSuccess: async () => {
      await changed();
      showDone(words.saved);
      await navigate(here);
    },
  });
  const initial = draftOf(type, schemas);
  return (
    <EventTypeForm
      initial={initial}
      isNew={false}
      submit={texts.common.save}
      busy={save.isPending}
      error={save.error}
      onSubmit={(draft) => save.mutate(changeOf(draft, initial, schemas))}
      cancel={
        <Link {...here} className={buttonClass()}>
          {texts.common.cancel}
        </Link>
      }
    />
  );
}
