import { Page } from "../../ui/page.tsx";

export function SourceConnectionsPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
