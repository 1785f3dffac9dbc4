import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type Collection, WeftApiError } from "@weft/sdk";
import { EllipsisVertical } from "lucide-react";
import { useState } from "react";
import { collectionQuery, connectionsOfCollectionQuery } from "../../api/producers.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Card, Fact, Facts, Figure, Figures } from "../../ui/card.tsx";
import { CopyText } from "../../ui/code.tsx";
import { formatCount } from "../../ui/format.ts";
import { Menu } from "../../ui/menu.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { TimeAt } from "../../ui/time.tsx";
import { DeleteCollectionDialog, RenameCollectionDialog } from "./collection-dialogs.tsx";
import { CollectionSearch } from "./collection-search.tsx";
import { ConnectionTable } from "./connection-table.tsx";
import { CreateConnectionLink } from "./source-connections-page.tsx";
import { CollectionStatus } from "./status-badges.tsx";

const words = texts.producers.collection;

/** One collection: its connections, its size, and its content. */
export function CollectionPage() {
  const api = useApi();
  const { readableId } = useParams({ from: "/collections/$readableId" });
  const mayWrite = useMay("write");
  const { data, error, refetch } = useQuery(collectionQuery(api, readableId));
  const above = <Link to="/collections">{texts.producers.collections.back}</Link>;
  if (error instanceof WeftApiError && error.status === 404) {
    return (
      <Page title={readableId} above={above}>
        <Empty title={texts.producers.collections.notFound} />
      </Page>
    );
  }
  return (
    <Page
      title={data?.name ?? texts.common.loading}
      above={above}
      aside={data !== undefined && <CollectionStatus status={data.status} />}
      actions={data !== undefined && mayWrite && <CollectionActions collection={data} />}
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <CollectionContents readableId={readableId} />
          <CollectionSearch readableId={readableId} />
          <Card>
            <Facts>
              <Fact name={words.facts.id}>
                <CopyText text={data.readable_id} label={texts.common.copyId} />
              </Fact>
              <Fact name={words.facts.created}>
                <TimeAt at={data.created_at} />
              </Fact>
              <Fact name={words.facts.modified}>
                <TimeAt at={data.modified_at} />
              </Fact>
            </Facts>
          </Card>
        </>
      )}
    </Page>
  );
}

function CollectionActions({ collection }: { collection: Collection }) {
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <CreateConnectionLink collection={collection.readable_id} />
      <Menu
        label={texts.common.more}
        trigger={<EllipsisVertical size={16} aria-hidden="true" />}
        entries={[
          { key: "rename", label: texts.producers.collectionForm.rename, onPress: () => setOpen("rename") },
          {
            key: "delete",
            label: texts.producers.collectionForm.remove,
            danger: true,
            onPress: () => setOpen("delete"),
          },
        ]}
      />
      <RenameCollectionDialog collection={collection} open={open === "rename"} onClose={close} />
      <DeleteCollectionDialog collection={collection} open={open === "delete"} onClose={close} />
    </>
  );
}

/** The size of the collection, and its connections. */
function CollectionContents({ readableId }: { readableId: string }) {
  const mayWrite = useMay("write");
  const { data, error, refetch } = useQuery(connectionsOfCollectionQuery(useApi(), readableId));
  const failing = data?.filter(({ status }) => status === "error" || status === "needs_reauth").length;
  const shown = (count: number | undefined) => (count === undefined ? "–" : formatCount(count));
  return (
    <>
      <Figures>
        <Figure name={words.figures.entities}>
          {shown(data?.reduce((sum, { entity_count: count }) => sum + count, 0))}
        </Figure>
        <Figure name={words.figures.connections}>{shown(data?.length)}</Figure>
        <Figure name={words.figures.failing}>{shown(failing)}</Figure>
      </Figures>
      <Card title={words.connections} flush>
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <ConnectionTable
          rows={data}
          showsCollection={false}
          empty={
            <Empty
              title={texts.producers.connections.empty}
              actions={mayWrite && <CreateConnectionLink collection={readableId} />}
            >
              {texts.producers.connections.emptyNext}
            </Empty>
          }
        />
      </Card>
    </>
  );
}
