import { Page } from "../../ui/page.tsx";

export function OrganizationsPage() {
  return <Page title="PLACEHOLDER">soon</Page>;
}
