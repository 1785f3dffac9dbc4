import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEventTypesChanged } from "../../api/event-types.ts";
import { useMayDefineEventTypes } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Empty } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { showDone } from "../../ui/toast.tsx";
import { creationOf, type EventTypeDraft, emptyDraft } from "./event-type-draft.ts";
import { EventTypeForm } from "./event-type-form.tsx";

const words = texts.eventTypes.form;

export function NewEventTypePage() {
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useEventTypesChanged();
  const mayDefine = useMayDefineEventTypes();
  const create = useMutation({
    mutationFn: (draft: EventTypeDraft) => weft.webhooks.createEventType(creationOf(draft)),
    onSuccess: async ({ name }) => {
      await changed();
      showDone(words.created);
      await navigate({ to: "/event-types/$name", params: { name } });
    },
  });
  return (
    <Page title={words.newTitle} above={<Link to="/event-types">{texts.eventTypes.back}</Link>}>
      {mayDefine ? (
        <EventTypeForm
          initial={emptyDraft}
          isNew
          submit={words.submit}
          busy={create.isPending}
          error={create.error}
          onSubmit={(draft) => create.mutate(draft)}
          cancel={
            <Link to="/event-types" className={buttonClass()}>
              {texts.common.cancel}
            </Link>
          }
        />
      ) : (
        <Empty title={words.onlyOperators} />
      )}
    </Page>
  );
}
