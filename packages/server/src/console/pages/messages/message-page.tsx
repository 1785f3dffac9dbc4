import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type MessageWithAttempts, WeftApiError } from "@weft/sdk";
import { prefixed } from "../../../domain/id.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Card, Fact, Facts } from "../../ui/card.tsx";
import { CopyText } from "../../ui/code.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatBytes } from "../../ui/format.ts";
import { JsonView } from "../../ui/json/json-view.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page, Quiet } from "../../ui/page.tsx";
import { TimeAgo, TimeAt } from "../../ui/time.tsx";
import { curlCommand } from "./curl-command.ts";
import { Deliveries, deliveriesQuery } from "./deliveries.tsx";
import { MessageStatus } from "./message-status.tsx";

/** One message: its payload, its deliveries, and their attempts. */
export function MessagePage() {
  const api = useApi();
  const { weft, scope } = api;
  const { messageId } = useParams({ from: "/messages/$messageId" });
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "message", messageId],
    queryFn: ({ signal }) => weft.webhooks.getMessage(messageId, { include_attempts: true }, { signal }),
  });
  // Loaded and shown together with the message, so that the layout does not shift.
  const { isPending: awaitsDeliveries } = useQuery(deliveriesQuery(api, messageId));
  const above = <Link to="/messages">{texts.messages.back}</Link>;
  if (error instanceof WeftApiError && error.status === 404) {
    return (
      <Page title={messageId} above={above}>
        <Empty title={texts.messages.notFound} />
      </Page>
    );
  }
  return (
    <Page
      title={data?.event_type ?? texts.common.loading}
      above={above}
      aside={data !== undefined && <MessageStatus message={data} />}
      lead={data !== undefined && <TimeAgo at={data.timestamp} />}
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && !awaitsDeliveries && (
        <>
          <Card>
            <MessageFacts message={data} />
          </Card>
          <Deliveries message={data} />
          <PayloadCard message={data} />
        </>
      )}
    </Page>
  );
}

function MessageFacts({ message }: { message: MessageWithAttempts }) {
  const { facts } = texts.messages;
  return (
    <Facts>
      <Fact name={facts.id}>
        <CopyText text={prefixed("msg", message.id)} label={texts.common.copyId} />
      </Fact>
      <Fact name={facts.uuid}>
        <CopyText text={message.id} label={texts.common.copyId} />
      </Fact>
      <Fact name={facts.accepted}>
        <TimeAt at={message.timestamp} />
      </Fact>
      <Fact name={facts.eventId}>
        {message.event_id === null ? (
          <Quiet>–</Quiet>
        ) : (
          <CopyText text={message.event_id} label={texts.common.copyId} />
        )}
      </Fact>
      <Fact name={facts.channels}>
        {message.channels.map((channel) => (
          <Tag key={channel}>{channel}</Tag>
        ))}
      </Fact>
      {message.tags !== null && (
        <Fact name={facts.tags}>
          {message.tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </Fact>
      )}
    </Facts>
  );
}

/** The text of the payload. JavaScript would round its numbers. */
function PayloadCard({ message }: { message: MessageWithAttempts }) {
  const { weft, scope } = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "payload", message.id],
    queryFn: ({ signal }) => weft.webhooks.getMessagePayload(message.id, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isDeleted = error instanceof WeftApiError && error.code === "payload_deleted";
  const url = message.delivery_attempts?.at(0)?.url ?? "http://localhost:8000/";
  return (
    <Card
      title={texts.messages.payload}
      actions={data !== undefined && <Quiet>{formatBytes(new TextEncoder().encode(data).length)}</Quiet>}
      flush
    >
      {isDeleted && <Empty title={texts.messages.payloadDeleted} />}
      {error !== null && !isDeleted && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <JsonView
          text={data}
          label={texts.messages.payload}
          actions={
            <CopyButton
              text={() =>
                Promise.resolve(
                  curlCommand({ method: "POST", url, headers: { "content-type": "application/json" }, body: data }),
                )
              }
              label={texts.messages.copyCurl}
              showLabel
            />
          }
        />
      )}
    </Card>
  );
}
