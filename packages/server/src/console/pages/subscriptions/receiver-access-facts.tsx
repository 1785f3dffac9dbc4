import type { SubscriptionDetail } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";
import { Fact } from "../../ui/card.tsx";
import { TimeAt } from "../../ui/time.tsx";

/** How requests authenticate to the endpoint. Secrets are not shown. */
export function ReceiverAccessFacts({ subscription }: { subscription: SubscriptionDetail }) {
  const { facts, form } = texts.subscriptions.access;
  const { authentication, client_certificate: certificate, certificate_authority: authority } = subscription;
  return (
    <>
      {authentication !== null && (
        <Fact name={facts.authentication}>
          {form.types[authentication.type]}
          {authentication.type === "basic" && `: ${authentication.username}`}
          {authentication.type === "oauth2" && `: ${authentication.client_id}, ${authentication.token_url}`}
        </Fact>
      )}
      {[
        { name: facts.certificate, shown: certificate },
        { name: facts.authority, shown: authority },
      ].map(
        ({ name, shown }) =>
          shown !== null && (
            <Fact key={name} name={name}>
              <code>{shown.subject}</code>, {facts.expires} <TimeAt at={shown.expires_at} />
            </Fact>
          ),
      )}
    </>
  );
}
