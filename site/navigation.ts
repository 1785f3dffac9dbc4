/** A part of the site: the pages for one kind of reader, by their files in the repository. */
export interface Section {
  readonly title: string;
  readonly pages: readonly string[];
  /** Pages for readers of the code, below the others. */
  readonly internals?: readonly string[];
}

export const home = "docs/README.md";

/** The order of the pages in the menus of the site. Every page of `docs/` is here or linked from a page that is. */
export const sections: readonly Section[] = [
  {
    title: "Start",
    pages: ["docs/start/README.md", "docs/start/publish.md", "docs/start/receive.md", "docs/start/operate.md"],
  },
  {
    title: "Receive",
    pages: [
      "docs/receive/verify.md",
      "docs/receive/frameworks.md",
      "docs/receive/authentication.md",
      "docs/receive/reliability.md",
      "docs/receive/on-a-laptop.md",
      "docs/receive/stream.md",
      "docs/receive/patterns/README.md",
    ],
  },
  {
    title: "Send",
    pages: ["docs/send/event-types.md", "docs/send/publish-in-a-transaction.md", "docs/send/in-process.md"],
  },
  {
    title: "Agents",
    pages: ["docs/agents/README.md", "docs/reference/mcp-tools.md"],
  },
  {
    title: "Sync",
    pages: [
      "docs/sync/README.md",
      "docs/sync/directory.md",
      "docs/sync/git.md",
      "docs/sync/github.md",
      "docs/sync/slack.md",
      "docs/sync/notion.md",
      "docs/sync/linear.md",
      "docs/sync/zendesk.md",
      "docs/sync/salesforce.md",
      "docs/sync/web.md",
      "docs/sync/postgresql.md",
      "docs/sync/singer.md",
      "docs/sync/oauth.md",
      "docs/sync/write-your-own.md",
    ],
  },
  {
    title: "Operate",
    pages: [
      "docs/operate/install.md",
      "docs/operate/production.md",
      "docs/operate/monitoring.md",
      "docs/operate/telemetry.md",
      "docs/operate/configuration-as-code.md",
      "docs/operate/console.md",
      "docs/operate/people.md",
      "docs/operate/alerts.md",
      "docs/operate/retention.md",
      "docs/operate/outbound-proxy.md",
      "docs/operate/sizing.md",
      "docs/operate/scaling.md",
      "docs/operate/failover.md",
      "docs/operate/backup.md",
      "docs/operate/upgrade.md",
      "docs/operate/security.md",
    ],
  },
  {
    title: "Understand",
    pages: [
      "docs/understand/recoveries.md",
      "docs/understand/limits-and-circuits.md",
      "docs/understand/performance.md",
    ],
    internals: [
      "docs/ARCHITECTURE.md",
      "docs/decisions/README.md",
      "docs/internals/add-a-target.md",
      "docs/internals/dependencies.md",
      "docs/internals/mutation-report.md",
      "bench/README.md",
    ],
  },
  {
    title: "Troubleshoot",
    pages: [
      "README",
      "signature",
      "did-not-arrive",
      "deliveries-wait",
      "disabled",
      "duplicates",
      "too-many-requests",
      "sync-stuck",
      "does-not-start",
    ].map((name) => `docs/troubleshoot/${name}.md`),
  },
  {
    title: "Migrate",
    pages: [
      "docs/migrate/README.md",
      "docs/migrate/airweave.md",
      "docs/migrate/svix.md",
      "docs/migrate/convoy.md",
      "docs/migrate/outpost.md",
    ],
  },
  {
    title: "Reference",
    pages: [
      "docs/reference/rest/README.md",
      "docs/reference/svix/README.md",
      "docs/reference/events.md",
      "docs/reference/errors.md",
      "docs/reference/settings.md",
      "docs/reference/limits.md",
      "docs/reference/metrics.md",
      "docs/reference/command-line.md",
      "docs/reference/commands.md",
      "packages/receiver/README.md",
      "packages/sdk/README.md",
      "docs/reference/standard-webhooks.md",
      "CHANGELOG.md",
    ],
  },
];
