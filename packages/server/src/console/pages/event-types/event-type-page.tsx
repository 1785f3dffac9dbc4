import { Page } from "../../ui/page.tsx";

export function EventTypePage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
