import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { NoticePreview as Preview } from "@weft/sdk";
import { useEffect, useState } from "react";
import type { AlertKind } from "../../../domain/target.ts";
import { eventTypesQuery } from "../../api/event-types.ts";
import { recentMessagesQuery, selectedTypes } from "../../api/recent-messages.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { FieldGroup, Select } from "../../ui/field.tsx";
import { formatDateTime } from "../../ui/format.ts";
import { JsonView } from "../../ui/json/json-view.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Quiet } from "../../ui/page.tsx";
import styles from "./notice-preview.module.css";

interface NoticePreviewProps {
  readonly destination: AlertKind;
  readonly template: string;
  readonly eventTypes: readonly string[];
}

const typingMs = 400;

/** The alert about a recent message, or about the example of an event type, as the destination receives it. */
export function NoticePreview({ destination, template, eventTypes }: NoticePreviewProps) {
  const { weft, scope } = useApi();
  const sources = useSources(eventTypes);
  const [selected, setSelected] = useState("");
  const settled = useSettled(template, typingMs);
  const source = sources.find(({ value }) => value === selected) ?? sources[0];
  const { data, error } = useQuery({
    queryKey: [...scope, "notice preview", destination, settled, source?.value],
    queryFn: async ({ signal }) => {
      const settings = { destination, template: settled.trim() === "" ? null : settled };
      const notice = await weft.webhooks.previewNotice({ ...settings, ...source?.about }, { signal });
      return { destination, notice };
    },
    enabled: source !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const { preview } = texts.subscriptions;
  return (
    <FieldGroup label={preview.title} hint={source === undefined ? preview.noSource : preview.hint}>
      {source !== undefined && (
        <Select label={preview.about} value={source.value} onChange={setSelected} options={sources} />
      )}
      {error !== null && <Problem error={error} />}
      {error === null && data !== undefined && source !== undefined && <ShownNotice {...data} />}
    </FieldGroup>
  );
}

interface Source {
  readonly value: string;
  readonly label: string;
  readonly about: { readonly message_id: string } | { readonly event_type: string };
}

/** Recent messages first, then the examples of the selected event types. */
function useSources(eventTypes: readonly string[]): readonly Source[] {
  const api = useApi();
  const { data: types = [] } = useQuery(eventTypesQuery(api));
  const { data: messages = [] } = useQuery(recentMessagesQuery(api, types, eventTypes));
  const { preview } = texts.subscriptions;
  const examples = selectedTypes(types, eventTypes).filter(({ example }) => example !== null);
  return [
    ...messages.map(({ id, event_type, timestamp }) => ({
      value: id,
      label: preview.message(event_type, formatDateTime(new Date(timestamp))),
      about: { message_id: id },
    })),
    ...examples.map(({ name }) => ({ value: name, label: preview.example(name), about: { event_type: name } })),
  ];
}

/** The value once it has not changed for this time. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

function ShownNotice({ destination, notice }: { destination: AlertKind; notice: Preview }) {
  const { preview } = texts.subscriptions;
  const { heading, text } = destination === "email" ? mailOf(notice) : postOf(notice);
  return (
    <section className={styles.notice} aria-label={preview.title}>
      {heading !== null && <p className={styles.heading}>{heading}</p>}
      <p className={styles.text}>{text}</p>
      {destination !== "email" && (
        <details>
          <summary>
            <Quiet>{preview.body}</Quiet>
          </summary>
          <JsonView text={notice.body} label={preview.body} />
        </details>
      )}
    </section>
  );
}

interface ShownText {
  readonly heading: string | null;
  readonly text: string;
}

function mailOf({ subject, body }: Preview): ShownText {
  return { heading: subject, text: body };
}

/** The text that people read in the body for Slack, Discord or PagerDuty. */
function postOf({ body }: Preview): ShownText {
  const { preview } = texts.subscriptions;
  const post = JSON.parse(body) as {
    text?: string;
    content?: string;
    event_action?: string;
    payload?: { summary: string };
  };
  if (post.event_action === "resolve") return { heading: preview.resolves, text: "" };
  const heading = post.event_action === "trigger" ? preview.opens : null;
  return { heading, text: post.text ?? post.content ?? post.payload?.summary ?? "" };
}
