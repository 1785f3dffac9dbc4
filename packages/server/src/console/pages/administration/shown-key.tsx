import type { NewApiKey } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Code } from "../../ui/code.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";

const words = texts.administration.keys;

/** A key, which is readable only this time. */
export function ShownKey({ made, onClose }: { made: NewApiKey; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.shownTitle}
      lead={words.shownLead}
      actions={
        <>
          <CopyButton text={made.key} label={words.copy} showLabel />
          <Button kind="primary" onPress={onClose}>
            {words.done}
          </Button>
        </>
      }
    >
      <Code text={made.key} label={words.shownTitle} />
    </Dialog>
  );
}
