import { Page } from "../../ui/page.tsx";

export function SourceConnectionPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
