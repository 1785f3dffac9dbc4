import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { texts } from "../texts/texts.ts";
import { Button } from "./button.tsx";
import { tellProblem } from "./toast.tsx";

interface CopyButtonProps {
  /** What is copied, or how it is fetched. */
  readonly text: string | (() => Promise<string>);
  /** What the button copies: "Copy id". */
  readonly label: string;
  /** Shows the label beside the icon. */
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
      tellProblem(error);
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
