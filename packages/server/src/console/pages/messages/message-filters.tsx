import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Filters, Select, TextField } from "../../ui/field.tsx";
import { StatusClassFilter } from "../../ui/status-class-filter.tsx";
import { TypedField } from "../../ui/typed-field.tsx";
import { WindowFilter } from "../../ui/window-filter.tsx";
import { EventTypeFilter } from "../event-types/event-type-filter.tsx";

const lessUsed = ["status_class", "attempted_since", "attempted_until", "subscription", "event_id", "payload"] as const;
const filterNames = ["types", "status", "since", "until", ...lessUsed] as const;

export function hasFilters(search: Readonly<Record<string, unknown>>): boolean {
  return filterNames.some((name) => search[name] !== undefined);
}

/** The filters of the list of messages. Every filter is in the address, so that a link shows the same list. */
export function MessageFilters() {
  const search = useSearch({ from: "/messages" });
  const navigate = useNavigate({ from: "/messages" });
  const [showsMore, setShowsMore] = useState(lessUsed.some((name) => search[name] !== undefined));
  function filter(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }), replace: true });
  }
  const { filters, statuses } = texts.messages;
  return (
    <Filters>
      <FindMessage />
      <EventTypeFilter
        value={search.types?.[0]}
        onChange={(type) => filter({ types: type === undefined ? undefined : [type] })}
      />
      <Select
        label={filters.status}
        value={search.status ?? ""}
        onChange={(status) => filter({ status: status === "" ? undefined : status })}
        options={[
          { value: "", label: texts.common.all },
          ...(["success", "pending", "failed"] as const).map((value) => ({ value, label: statuses[value] ?? value })),
        ]}
      />
      <WindowFilter label={filters.time} value={search} onChange={({ since, until }) => filter({ since, until })} />
      {showsMore && (
        <>
          <StatusClassFilter value={search.status_class} onChange={(status_class) => filter({ status_class })} />
          <WindowFilter
            label={filters.attempted}
            value={{ since: search.attempted_since, until: search.attempted_until }}
            onChange={({ since, until }) => filter({ attempted_since: since, attempted_until: until })}
          />
          <SubscriptionFilter value={search.subscription} onChange={(subscription) => filter({ subscription })} />
          <TypedField label={filters.eventId} value={search.event_id} onChange={(event_id) => filter({ event_id })} />
          <TypedField
            label={filters.payload}
            placeholder={filters.payloadPlaceholder}
            value={search.payload}
            onChange={(payload) => filter({ payload })}
          />
        </>
      )}
      <Button kind="quiet" pressed={showsMore} onPress={() => setShowsMore(!showsMore)}>
        {showsMore ? filters.fewer : filters.more}
      </Button>
      {hasFilters(search) && (
        <Button kind="quiet" onPress={() => void navigate({ search: ({ org }) => ({ org }) })}>
          {filters.reset}
        </Button>
      )}
    </Filters>
  );
}

const offeredMax = 250;

/** Selects a subscription by its URL. Organizations with very many subscriptions type the id. */
function SubscriptionFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const { weft, scope } = useApi();
  const { filters } = texts.messages;
  const { data } = useQuery({
    queryKey: [...scope, "subscriptions", "offered"],
    queryFn: ({ signal }) => weft.webhooks.listSubscriptions({ limit: offeredMax }, { signal }),
  });
  if (data === undefined || data.nextCursor !== null) {
    const { subscription: label, subscriptionPlaceholder: placeholder } = filters;
    return <TypedField label={label} placeholder={placeholder} value={value} onChange={onChange} />;
  }
  const isKnown = value === undefined || data.items.some(({ id }) => id === value);
  return (
    <Select
      label={filters.subscription}
      value={value ?? ""}
      onChange={(id) => onChange(id === "" ? undefined : id)}
      options={[
        { value: "", label: texts.common.all },
        ...(isKnown ? [] : [{ value, label: value }]),
        ...data.items.map(({ id, url, description }) => ({ value: id, label: description ?? url })),
      ]}
    />
  );
}

/** Goes to a message by its id, in either spelling. */
function FindMessage() {
  const navigate = useNavigate();
  const [id, setId] = useState("");
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (id.trim() !== "") void navigate({ to: "/messages/$messageId", params: { messageId: id.trim() } });
  }
  return (
    <form onSubmit={submit}>
      <TextField
        label={texts.messages.filters.find}
        placeholder={texts.messages.filters.findPlaceholder}
        type="search"
        value={id}
        onChange={setId}
      />
    </form>
  );
}
