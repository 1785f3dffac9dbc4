import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Code } from "../../ui/code.tsx";
import { Fields, Select } from "../../ui/field.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { frameworks, receiverCode } from "./receiver-code.ts";

const offeredMax = 100;

/** A program that verifies and receives an event, with the reader's own endpoint filled in. */
export function ReceiveIt({ eventType }: { eventType: string }) {
  const { weft, scope } = useApi();
  const { framework: wanted, subscription } = useSearch({ from: "/event-types/$name" });
  const navigate = useNavigate({ from: "/event-types/$name" });
  const { data } = useQuery({
    queryKey: [...scope, "subscriptions", "offered"],
    queryFn: ({ signal }) => weft.webhooks.listSubscriptions({ limit: offeredMax }, { signal }),
  });
  const framework = frameworks.find(({ key }) => key === wanted) ?? frameworks[0];
  const url = data?.items.find(({ id }) => id === subscription)?.url ?? null;
  function choose(change: { framework?: string; subscription?: string }): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  }
  const words = texts.eventTypes;
  return (
    <Fields>
      <Line>
        <Select
          label={words.framework}
          value={framework.key}
          onChange={(key) => choose({ framework: key })}
          options={frameworks.map(({ key, name }) => ({ value: key, label: name }))}
        />
        <Select
          label={words.endpoint}
          value={url === null ? "" : (subscription ?? "")}
          onChange={(id) => choose({ subscription: id === "" ? undefined : id })}
          options={[
            { value: "", label: words.noEndpoint },
            ...(data?.items ?? []).map(({ id, url: label }) => ({ value: id, label })),
          ]}
        />
      </Line>
      <Quiet>{words.secretNote}</Quiet>
      <Code text={receiverCode(framework, eventType, url)} label={words.receive} />
    </Fields>
  );
}
