import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { forgetToken, portalToken } from "../../api/credentials.ts";
import { clientFor } from "../../api/weft.tsx";
import { Mark } from "../../layout/mark.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Fields, TextField } from "../../ui/field.tsx";
import { Notice, Problem } from "../../ui/notice.tsx";
import styles from "./log-in-page.module.css";

/** The sign-in form. The key is sent to Weft once and is not stored here. */
export function LogInPage() {
  const queryClient = useQueryClient();
  const [key, setKey] = useState("");
  const hadLink = portalToken() !== null;
  const logIn = useMutation({
    mutationFn: () => {
      forgetToken();
      return clientFor(undefined).session.beginSession({ api_key: key });
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["session"] }),
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    logIn.mutate();
  }
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit}>
        <Mark size={36} />
        <h1 id="page-title">{texts.logIn.title}</h1>
        {hadLink && <Notice tone="warning">{texts.logIn.ended}</Notice>}
        <p className={styles.lead}>{texts.logIn.lead}</p>
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
