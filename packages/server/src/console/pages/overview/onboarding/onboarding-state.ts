import { useState } from "react";

/** Where a browser is in the checklist of an organization; null before it was shown. */
export type OnboardingState = { readonly inboxName: string } | "closed" | null;

const inboxNamePattern = /^console-inbox-[0-9a-f]{8}$/;

/** The state of this browser, which it keeps. A browser that stores nothing keeps it until the page is closed. */
export function useOnboardingState(organizationId: string): [OnboardingState, (state: "started" | "closed") => void] {
  const key = `weft-onboarding-${organizationId}`;
  const [state, setState] = useState(() => stateOf(readKept(key)));
  return [
    state,
    (next) => {
      // Two browsers with the same name would share the deliveries of one inbox.
      const kept = next === "closed" ? next : newInboxName();
      keep(key, kept);
      setState(stateOf(kept));
    },
  ];
}

function stateOf(kept: string | null): OnboardingState {
  if (kept === "closed") return kept;
  return kept !== null && inboxNamePattern.test(kept) ? { inboxName: kept } : null;
}

function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then it lasts until the page is closed.
  }
}

// `crypto.randomUUID` exists only on pages with https or of this machine.
function newInboxName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return `console-inbox-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
