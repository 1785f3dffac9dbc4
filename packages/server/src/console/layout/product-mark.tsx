import { portalBrandOf, useProduct } from "../api/product.ts";
import { useSession } from "../api/session.tsx";
import styles from "./frame.module.css";
import { Mark } from "./mark.tsx";

/** The logo of the platform in its portal, or the first letter of its name; the mark of Weft in the console. */
export function ProductMark() {
  const session = useSession();
  const product = useProduct();
  if (session.via !== "portal") return <Mark />;
  const { logo_url: logo = null } = portalBrandOf(session) ?? {};
  if (logo !== null) return <img src={logo} alt="" className={styles.logo} />;
  return (
    <span className={styles.initial} aria-hidden="true">
      {[...product][0]?.toUpperCase()}
    </span>
  );
}
