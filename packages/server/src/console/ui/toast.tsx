import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { problemOf } from "../api/problem.ts";
import { texts } from "../texts/texts.ts";
import styles from "./toast.module.css";

const manager = Toast.createToastManager();

/** Tells in passing that something was done. */
export function tellDone(sentence: string): void {
  manager.add({ title: sentence, type: "good" });
}

/** Tells that something could not be done, and why, where no form is there to tell it. */
export function tellProblem(error: unknown): void {
  const { title, mistakes } = problemOf(error);
  manager.add({ title, description: mistakes.join(" "), type: "bad", priority: "high", timeout: 12_000 });
}

/** Where what is told in passing appears. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={styles.toast}>
      <Toast.Content className={styles.content}>
        <Toast.Title className={styles.title} />
        <Toast.Description className={styles.description} />
      </Toast.Content>
      <Toast.Close className={styles.close} aria-label={texts.common.close}>
        <X size={16} aria-hidden="true" />
      </Toast.Close>
    </Toast.Root>
  ));
}
