import { Page } from "../../ui/page.tsx";

export function FreshnessPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
