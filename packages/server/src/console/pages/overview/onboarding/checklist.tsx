import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useMay } from "../../../api/session.tsx";
import { type Api, useApi } from "../../../api/weft.tsx";
import { texts } from "../../../texts/texts.ts";
import { Button, buttonClass } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { Problem } from "../../../ui/notice.tsx";
import { Line, Quiet } from "../../../ui/page.tsx";
import { showProblem } from "../../../ui/toast.tsx";
import { Arrivals } from "./arrivals.tsx";
import styles from "./checklist.module.css";
import { ConnectSource } from "./connect-source.tsx";
import { SendTestEvent } from "./send-test-event.tsx";
import { type Inbox, useInbox } from "./use-inbox.ts";

const words = texts.onboarding;

/** The steps that are done, and the subscription that gets the test event. */
function progressQuery({ weft, scope }: Api) {
  return {
    queryKey: [...scope, "overview", "onboarding"],
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const [subscriptions, messages, delivered, connections] = await Promise.all([
        weft.webhooks.listSubscriptions({ limit: 1 }, { signal }),
        weft.webhooks.listMessages({ limit: 1 }, { signal }),
        weft.webhooks.listMessages({ limit: 1, status: "success" }, { signal }),
        weft.sourceConnections.listSourceConnections({ limit: 1 }, { signal }),
      ]);
      return {
        subscription: subscriptions.items[0] ?? null,
        subscribe: subscriptions.items.length > 0,
        send: messages.items.length > 0,
        arrive: delivered.items.length > 0,
        connect: connections.items.length > 0,
      };
    },
  };
}

/** Shown while the progress is loading, so that nothing moves in a new organization. */
const nothingDone = { subscription: null, subscribe: false, send: false, arrive: false, connect: false };

interface ChecklistProps {
  readonly inboxName: string;
  readonly onClose: () => void;
}

export function Checklist({ inboxName, onClose }: ChecklistProps) {
  const api = useApi();
  const { data, error, refetch } = useQuery(progressQuery(api));
  const inbox = useInbox(inboxName);
  const wasComplete = useFirst(data === undefined ? undefined : isComplete(data));
  useReconnect(inbox, inboxName);
  // Later visits of a complete checklist have nothing to show.
  useEffect(() => {
    if (wasComplete === true) onClose();
  }, [wasComplete, onClose]);
  async function close(): Promise<void> {
    onClose();
    if (inbox.listener !== null) await api.weft.webhooks.deleteSubscription(inbox.listener.id).catch(showProblem);
  }
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />;
  if (wasComplete === true) return null;
  const progress = data ?? nothingDone;
  const steps = [progress.subscribe, progress.send, progress.arrive, progress.connect];
  const done = steps.filter(Boolean).length;
  const isFinished = done === steps.length;
  return (
    <Card
      title={words.title}
      actions={
        <>
          <Quiet>{words.progress(done, steps.length)}</Quiet>
          <Button size="small" kind={isFinished ? "primary" : "quiet"} onPress={() => void close()}>
            {isFinished ? words.close : words.dismiss}
          </Button>
        </>
      }
    >
      {isFinished && (
        <p role="status" className={styles.finished}>
          {words.finished} {inbox.listener !== null && words.closeNote}
        </p>
      )}
      <ol className={styles.steps}>
        <Step title={words.subscribe.title} isDone={progress.subscribe}>
          <Subscribe inbox={inbox} isDone={progress.subscribe} />
        </Step>
        <Step title={words.send.title} isDone={progress.send}>
          {progress.send ? null : (
            <SendTestEvent subscriptionId={inbox.listener?.id ?? progress.subscription?.id ?? null} />
          )}
        </Step>
        <Step title={words.arrive.title} isDone={progress.arrive}>
          {inbox.listener === null ? (
            progress.send && <Link to="/messages">{words.arrive.messages}</Link>
          ) : (
            <Arrivals arrivals={inbox.arrivals} />
          )}
        </Step>
        <Step title={words.connect.title} isDone={progress.connect}>
          <ConnectSource isDone={progress.connect} />
        </Step>
      </ol>
    </Card>
  );
}

function isComplete(progress: Record<"subscribe" | "send" | "arrive" | "connect", boolean>): boolean {
  return progress.subscribe && progress.send && progress.arrive && progress.connect;
}

/** The first value that is known. */
function useFirst<Value>(value: Value | undefined): Value | undefined {
  const [first, setFirst] = useState(value);
  useEffect(() => setFirst((before) => before ?? value), [value]);
  return first;
}

/** Opens the inbox of an earlier visit again. Its deliveries waited meanwhile. */
function useReconnect(inbox: Inbox, inboxName: string): void {
  const { weft, scope } = useApi();
  const { data } = useQuery({
    queryKey: [...scope, "inbox", inboxName],
    queryFn: ({ signal }) =>
      weft.webhooks.listSubscriptions({ search: `listener://${inboxName}`, limit: 1 }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const wasStarted = data?.items.length === 1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the inbox is opened again once
  useEffect(() => {
    if (wasStarted) inbox.start();
  }, [wasStarted]);
}

function Step({ title, isDone, children }: { title: string; isDone: boolean; children: ReactNode }) {
  const Icon = isDone ? CircleCheck : CircleDashed;
  return (
    <li className={styles.step} data-done={isDone}>
      <Icon size={20} role="img" aria-label={isDone ? words.done : words.open} />
      <div className={styles.content}>
        <h3>{title}</h3>
        {children}
      </div>
    </li>
  );
}

function Subscribe({ inbox, isDone }: { inbox: Inbox; isDone: boolean }) {
  const mayReadSecrets = useMay("secrets");
  const { subscribe } = words;
  if (inbox.error !== null) return <Problem error={inbox.error} onRetry={inbox.start} />;
  if (inbox.listener !== null) return <Quiet>{inbox.isConnected ? subscribe.running : subscribe.connecting}</Quiet>;
  if (isDone) return null;
  return (
    <>
      {mayReadSecrets && <Quiet>{subscribe.lead}</Quiet>}
      <Line>
        {mayReadSecrets && (
          <Button kind="primary" busy={inbox.isStarting} onPress={inbox.start}>
            {subscribe.start}
          </Button>
        )}
        <Link to="/subscriptions/new" className={buttonClass()}>
          {subscribe.own}
        </Link>
      </Line>
    </>
  );
}
