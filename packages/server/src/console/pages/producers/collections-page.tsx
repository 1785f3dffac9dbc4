import { Page } from "../../ui/page.tsx";

export function CollectionsPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
