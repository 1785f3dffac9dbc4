import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Attempt, AttemptWithRequest } from "@weft/sdk";
import { ChevronRight } from "lucide-react";
import { useId } from "react";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { formatDuration } from "../../ui/format.ts";
import { JsonView } from "../../ui/json/json-view.tsx";
import { Notice, Problem } from "../../ui/notice.tsx";
import { Quiet } from "../../ui/page.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import styles from "./attempt-entry.module.css";
import { comparedAttempts } from "./compare-attempts.tsx";
import { curlCommand } from "./curl-command.ts";

interface AttemptEntryProps {
  readonly messageId: string;
  readonly attempt: Attempt;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}

/** One request on the timeline: its outcome on a line, and all details when opened. */
export function AttemptEntry({ messageId, attempt, isOpen, onToggle }: AttemptEntryProps) {
  const id = useId();
  const { attempt: words } = texts.messages;
  return (
    <li className={styles.entry} data-status={attempt.status}>
      <div className={styles.line}>
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={isOpen}
          aria-controls={id}
          title={words.show}
          onClick={() => onToggle(!isOpen)}
        >
          <ChevronRight size={16} className={styles.chevron} aria-hidden="true" />
          <span className={styles.outcome}>{outcomeOf(attempt)}</span>
          <span>{words.number(attempt.attempt_number)}</span>
          <Quiet>{words.triggers[attempt.trigger]}</Quiet>
          <Quiet>{formatDuration(attempt.duration_ms)}</Quiet>
          <span className={styles.when}>
            <TimeAgo at={attempt.timestamp} />
          </span>
        </button>
        <ChooseToCompare attempt={attempt} />
      </div>
      {attempt.error !== null && <p className={styles.error}>{attempt.error}</p>}
      <div id={id}>{isOpen && <AttemptDetail messageId={messageId} attempt={attempt} />}</div>
    </li>
  );
}

export function outcomeOf({ response_status_code: status }: Attempt): string {
  const { attempt } = texts.messages;
  return status === 0 ? attempt.noResponse : attempt.status(status);
}

function ChooseToCompare({ attempt }: { attempt: Attempt }) {
  const { compare } = useSearch({ from: "/messages/$messageId" });
  const navigate = useNavigate({ from: "/messages/$messageId" });
  const chosen = comparedAttempts(compare);
  const isChosen = chosen.includes(attempt.id);
  function choose(checked: boolean): void {
    // The last two selected ones: a third replaces the first.
    const next = checked ? [...chosen, attempt.id].slice(-2) : chosen.filter((id) => id !== attempt.id);
    void navigate({
      search: (before) => ({ ...before, compare: next.length === 0 ? undefined : next.join("~") }),
      replace: true,
      resetScroll: false,
    });
  }
  const { number, choose: label } = texts.messages.attempt;
  return (
    <Checkbox
      label={
        <>
          {label} <span className="visually-hidden">{number(attempt.attempt_number)}</span>
        </>
      }
      checked={isChosen}
      onChange={choose}
    />
  );
}

function AttemptDetail({ messageId, attempt }: { messageId: string; attempt: Attempt }) {
  const { weft, scope } = useApi();
  const { data, error } = useQuery({
    queryKey: [...scope, "attempts", attempt.id],
    queryFn: ({ signal }) => weft.webhooks.getAttempt(attempt.id, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { attempt: words } = texts.messages;
  return (
    <div className={styles.detail}>
      <section className={styles.side} aria-label={words.sent}>
        <h3>{words.sent}</h3>
        {error !== null && <Problem error={error} />}
        {data !== undefined && <SentRequest messageId={messageId} attempt={data} />}
      </section>
      <section className={styles.side} aria-label={words.answered}>
        <h3>{words.answered}</h3>
        <p>
          {outcomeOf(attempt)} · {words.duration} {formatDuration(attempt.duration_ms)}
        </p>
        {attempt.response_headers !== null && (
          <HeaderTable caption={words.responseHeaders} headers={attempt.response_headers} />
        )}
        {attempt.response_headers_truncated && <Quiet>{words.headersLeftOut}</Quiet>}
        {attempt.response === null || attempt.response === "" ? (
          <Quiet>{words.answerEmpty}</Quiet>
        ) : (
          <JsonView text={attempt.response} label={words.answered} />
        )}
      </section>
    </div>
  );
}

function SentRequest({ messageId, attempt }: { messageId: string; attempt: AttemptWithRequest }) {
  const { weft } = useApi();
  const { attempt: words, copyCurl } = texts.messages;
  const { method, url, headers, body, signature_known: isSignatureKnown } = attempt.request;
  return (
    <>
      <div className={styles.request}>
        <code>{words.request(method, url)}</code>
        {body === null && (
          <CopyButton
            label={copyCurl}
            showLabel
            text={async () =>
              curlCommand({ method, url, headers, body: body ?? (await weft.webhooks.getMessagePayload(messageId)) })
            }
          />
        )}
      </div>
      {!isSignatureKnown && body === null && <Notice tone="warning">{words.signatureUnknown}</Notice>}
      <HeaderTable caption={words.headers} headers={headers} />
      {body !== null && <JsonView text={body} label={words.notice} />}
    </>
  );
}

function HeaderTable({ caption, headers }: { caption: string; headers: Readonly<Record<string, string>> }) {
  const { attempt } = texts.messages;
  return (
    <table className={styles.headers}>
      <caption className="visually-hidden">{caption}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">{attempt.header}</th>
          <th scope="col">{attempt.value}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(headers).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
