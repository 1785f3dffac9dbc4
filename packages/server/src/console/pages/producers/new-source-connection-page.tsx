import { Page } from "../../ui/page.tsx";

export function NewSourceConnectionPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
