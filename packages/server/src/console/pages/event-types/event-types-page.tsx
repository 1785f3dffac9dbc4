import { Page } from "../../ui/page.tsx";

export function EventTypesPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
