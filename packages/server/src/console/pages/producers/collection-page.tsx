import { Page } from "../../ui/page.tsx";

export function CollectionPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
