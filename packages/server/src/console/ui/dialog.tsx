import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { FormEvent, ReactNode } from "react";
import { texts } from "../texts/texts.ts";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";
import { Problem } from "./notice.tsx";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children?: ReactNode;
  /** The buttons, with the confirming one last. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  /** Makes it a form, which Enter also submits; then the confirming button is of the type `submit`. */
  readonly onSubmit?: () => void;
}

/** A question or a form above the page. Escape closes it; the focus returns to the previous element. */
export function Dialog({ open, onClose, title, lead, children, actions, wide = false, onSubmit }: DialogProps) {
  const content = (
    <>
      <div className={styles.body}>
        {lead !== undefined && <BaseDialog.Description className={styles.lead}>{lead}</BaseDialog.Description>}
        {children}
      </div>
      {actions !== undefined && <footer className={styles.actions}>{actions}</footer>}
    </>
  );
  function send(event: FormEvent): void {
    event.preventDefault();
    onSubmit?.();
  }
  return (
    <BaseDialog.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles.backdrop} />
        <BaseDialog.Popup className={[styles.popup, wide && styles.wide].filter(Boolean).join(" ")}>
          <header className={styles.head}>
            <BaseDialog.Title className={styles.title}>{title}</BaseDialog.Title>
            <Button kind="quiet" size="small" label={texts.common.close} onPress={onClose}>
              <X size={18} aria-hidden="true" />
            </Button>
          </header>
          {onSubmit === undefined ? (
            content
          ) : (
            <form className={styles.form} onSubmit={send} noValidate>
              {content}
            </form>
          )}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface ConfirmProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** The consequences, and whether they can be undone. */
  readonly lead: ReactNode;
  readonly action: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly children?: ReactNode;
}

/** Asks for confirmation before an important action. */
export function Confirm({ danger = false, disabled = false, children, ...props }: ConfirmProps) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={props.title}
      lead={props.lead}
      onSubmit={() => {
        if (!disabled && !props.busy) props.onConfirm();
      }}
      actions={
        <>
          <Button onPress={props.onClose}>{texts.common.cancel}</Button>
          <Button type="submit" kind={danger ? "danger" : "primary"} busy={props.busy} disabled={disabled}>
            {props.action}
          </Button>
        </>
      }
    >
      {children}
      {props.error !== null && props.error !== undefined && <Problem error={props.error} />}
    </Dialog>
  );
}
