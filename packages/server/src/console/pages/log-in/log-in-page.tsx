import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { clientFor } from "../../api/weft.tsx";
import { Mark } from "../../layout/mark.tsx";
import { texts } from "../../texts/texts.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Fields, TextField } from "../../ui/field.tsx";
import { Notice, Problem } from "../../ui/notice.tsx";
import styles from "./log-in-page.module.css";

/** The sign-in form. The key is sent to Weft once and is not stored here. */
export function LogInPage() {
  const queryClient = useQueryClient();
  const [key, setKey] = useState("");
  const logIn = useMutation({
    mutationFn: () => clientFor(undefined).session.beginSession({ api_key: key }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["session"] }),
  });
  const failure = texts.logIn.failures[new URLSearchParams(location.search).get("sign_in_error") ?? ""];
  function submit(event: FormEvent): void {
    event.preventDefault();
    logIn.mutate();
  }
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit}>
        <Mark size={36} />
        <h1 id="page-title">{texts.logIn.title}</h1>
        <p className={styles.lead}>{texts.logIn.lead}</p>
        {failure !== undefined && <Notice tone="bad">{failure}</Notice>}
        <ProviderButton />
        <Fields>
          <TextField
            label={texts.logIn.key}
            type="password"
            value={key}
            onChange={setKey}
            hint={texts.logIn.hint}
            required
            autoComplete="current-password"
            autoFocus
            mono
          />
          {logIn.error !== null && <Problem error={logIn.error} />}
          <Button type="submit" kind="primary" busy={logIn.isPending} disabled={key === ""}>
            {texts.logIn.submit}
          </Button>
        </Fields>
      </form>
    </main>
  );
}

/** Leads to the identity provider, and back to this page. */
function ProviderButton() {
  const { data } = useQuery({
    queryKey: ["sign-in methods"],
    queryFn: ({ signal }) => clientFor(undefined).session.getSignInMethods({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const provider = data?.identity_provider ?? null;
  if (provider === null) return null;
  const url = `${provider.url}?return_to=${encodeURIComponent(returnPath())}`;
  return (
    <>
      <a className={buttonClass("primary")} href={url}>
        {texts.logIn.provider(provider.name)}
      </a>
      <p className={styles.or}>{texts.logIn.or}</p>
    </>
  );
}

/** The page that was opened, without the error of an earlier sign-in. */
function returnPath(): string {
  const search = new URLSearchParams(location.search);
  search.delete("sign_in_error");
  return `${location.pathname}${search.size === 0 ? "" : `?${search}`}`;
}
