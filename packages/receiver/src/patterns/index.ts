export {
  AlertRefusedError,
  email,
  type MailTransport,
  type PagerDutyOptions,
  pagerDuty,
  slack,
} from "./alert-channels.ts";
export { type AuditedEvent, type AuditedSync, type AuditFilter, AuditTrail, type Currency } from "./audit-trail.ts";
export {
  type AlertChannel,
  type FailureAlert,
  FailureAlerts,
  type FailureAlertsOptions,
  type StaleCollection,
} from "./failure-alerts.ts";
export { freshnessTimeline, type TimelineOptions } from "./freshness-timeline.ts";
export { memoryState, type StateStore, sqliteState } from "./state-store.ts";
export { clearOnChange, collectionTag, TaggedCache, type TaggedCacheOptions } from "./tagged-cache.ts";
export { type FreshInput, type FreshRun, type WhenFreshOptions, whenFresh } from "./when-fresh.ts";
