import { texts } from "../../texts/texts.ts";
import styles from "./log-in-page.module.css";

/** The page of a visitor whose portal link has expired. They have no API key to log in with. */
export function EndedLinkPage() {
  const { title, lead } = texts.logIn.ended;
  return (
    <main className={styles.page}>
      <div className={styles.form}>
        <h1 id="page-title">{title}</h1>
        <p className={styles.lead}>{lead}</p>
      </div>
    </main>
  );
}
