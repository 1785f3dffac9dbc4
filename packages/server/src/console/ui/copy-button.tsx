import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { texts } from "../texts/texts.ts";
import { Button } from "./button.tsx";
import { showProblem } from "./toast.tsx";

interface CopyButtonProps {
  /** The text to copy, or a function that loads it. */
  readonly text: string | (() => Promise<string>);
  /** The label of the action: "Copy id". */
  readonly label: string;
  /** Shows the label next to the icon. */
  readonly showLabel?: boolean;
}

export function CopyButton({ text, label, showLabel = false }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : await text());
      setCopied(true);
    } catch (error) {
      showProblem(error);
    }
  }
  const shown = isCopied ? texts.common.copied : label;
  return (
    <Button kind={showLabel ? "plain" : "quiet"} size="small" label={shown} onPress={() => void copy()}>
      {isCopied ? <Check size={15} aria-hidden="true" /> : <Copy size={15} aria-hidden="true" />}
      {showLabel && shown}
    </Button>
  );
}
