import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { texts } from "../texts/texts.ts";
import { buttonClass } from "../ui/button.tsx";
import { Empty, Problem } from "../ui/notice.tsx";
import { Page } from "../ui/page.tsx";

export function NotFound() {
  return (
    <Page title={texts.common.notFound}>
      <Empty
        title={texts.common.notFoundNext}
        actions={
          <Link to="/" className={buttonClass()}>
            {texts.common.toOverview}
          </Link>
        }
      />
    </Page>
  );
}

/** Shown when rendering a page failed. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  return (
    <Page title={texts.common.unexpected}>
      <Problem error={error} onRetry={reset} />
    </Page>
  );
}
