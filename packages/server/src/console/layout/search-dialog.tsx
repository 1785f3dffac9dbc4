import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type LinkProps, useNavigate } from "@tanstack/react-router";
import type { FoundRecord } from "@weft/sdk";
import { Building2, Inbox, type LucideIcon, Search, Send, Tags, Webhook } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useSession } from "../api/session.tsx";
import { useApi } from "../api/weft.tsx";
import { texts } from "../texts/texts.ts";
import dialogStyles from "../ui/dialog.module.css";
import { Problem } from "../ui/notice.tsx";
import { TimeAgo } from "../ui/time.tsx";
import styles from "./search.module.css";

const typingMs = 200;

const icons: Readonly<Record<FoundRecord["kind"], LucideIcon>> = {
  message: Inbox,
  attempt: Send,
  subscription: Webhook,
  event_type: Tags,
  organization: Building2,
};

/** One search over all records. Enter opens the selected result. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const { weft, scope } = useApi();
  const { is_operator: isOperator, organization } = useSession();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [selected, setSelected] = useState(0);
  const id = useId();
  const q = useSettled(text.trim());
  const { data, error, isFetching } = useQuery({
    queryKey: [...scope, "find", q],
    queryFn: ({ signal }) => weft.webhooks.find({ q, everywhere: isOperator }, { signal }),
    enabled: q !== "",
    placeholderData: q === "" ? undefined : keepPreviousData,
  });
  const results = q === "" ? [] : (data?.results ?? []);
  const isSettled = q === text.trim() && !isFetching;
  function open(found: FoundRecord): void {
    const isForeign = found.organization !== null && found.organization.id !== organization.id;
    const org = isForeign || found.kind === "organization" ? found.organization?.id : undefined;
    const { search, ...page } = pageOf(found);
    void navigate({ ...page, search: { ...search, ...(org !== undefined && { org }) } } as LinkProps);
    onClose();
  }
  function move(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && results.length > 0) {
      event.preventDefault();
      setSelected((selected + step + results.length) % results.length);
    }
    const found = results[selected];
    if (event.key === "Enter" && found !== undefined && isSettled) open(found);
  }
  const { search: words } = texts.frame;
  return (
    <BaseDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={dialogStyles.backdrop} />
        <BaseDialog.Popup className={[dialogStyles.popup, styles.popup].join(" ")}>
          <BaseDialog.Title className="visually-hidden">{words.open}</BaseDialog.Title>
          <div className={styles.line}>
            <Search size={18} aria-hidden="true" />
            <input
              className={styles.input}
              role="combobox"
              aria-label={words.open}
              aria-expanded={results.length > 0}
              aria-controls={id}
              aria-autocomplete="list"
              aria-activedescendant={results.length > 0 ? `${id}-${selected}` : undefined}
              // biome-ignore lint/a11y/noAutofocus: the user has just opened the search
              autoFocus
              spellCheck={false}
              placeholder={words.placeholder}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setSelected(0);
              }}
              onKeyDown={move}
            />
          </div>
          {error !== null && <Problem error={error} />}
          <div id={id} role="listbox" aria-label={words.results} className={styles.results} aria-busy={isFetching}>
            {results.map((found, index) => (
              <Result
                key={`${found.kind} ${found.id}`}
                id={`${id}-${index}`}
                found={found}
                isSelected={index === selected}
                showsOrganization={isOperator && found.kind !== "organization"}
                onSelect={() => setSelected(index)}
                onOpen={() => open(found)}
              />
            ))}
          </div>
          <p className={styles.note} role="status">
            {q === "" ? words.hint : results.length === 0 && isSettled ? words.none(q) : null}
            {data?.is_complete === false && results.length > 0 && words.incomplete}
          </p>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface ResultProps {
  readonly id: string;
  readonly found: FoundRecord;
  readonly isSelected: boolean;
  readonly showsOrganization: boolean;
  readonly onSelect: () => void;
  readonly onOpen: () => void;
}

function Result({ id, found, isSelected, showsOrganization, onSelect, onOpen }: ResultProps) {
  const { kind, title, detail, organization, timestamp } = found;
  const Icon = icons[kind];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and handles the keys
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      className={styles.result}
      onMouseMove={onSelect}
      onClick={onOpen}
    >
      <Icon size={17} aria-hidden="true" />
      <div className={styles.text}>
        <span className={styles.title}>{title === "" ? texts.frame.unnamedOrganization : title}</span>
        {detail !== null && <span className={styles.detail}>{detail}</span>}
      </div>
      <div className={styles.aside}>
        <span>{texts.frame.search.kinds[kind]}</span>
        {showsOrganization && organization !== null && <span>{organization.name}</span>}
        {timestamp !== null && kind !== "organization" && kind !== "subscription" && <TimeAgo at={timestamp} />}
      </div>
    </div>
  );
}

interface RecordPage {
  readonly to: LinkProps["to"];
  readonly params?: Readonly<Record<string, string>>;
  readonly search?: Readonly<Record<string, string>>;
}

function pageOf(found: FoundRecord): RecordPage {
  switch (found.kind) {
    case "message":
      return { to: "/messages/$messageId", params: { messageId: found.id } };
    case "attempt":
      return {
        to: "/messages/$messageId",
        params: { messageId: found.message_id ?? "" },
        search: { attempt: found.id },
      };
    case "subscription":
      return { to: "/subscriptions/$subscriptionId", params: { subscriptionId: found.id } };
    case "event_type":
      return { to: "/event-types/$name", params: { name: found.id } };
    case "organization":
      return { to: "/" };
  }
}

/** The text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
