// The part of the library that is used; the library has no types.

declare module "turndown" {
  interface TurndownNode {
    readonly textContent: string;
    getAttribute(name: string): string | null;
  }

  interface TurndownRule {
    readonly filter: string | readonly string[];
    readonly replacement: (content: string, node: TurndownNode) => string;
  }

  class TurndownService {
    constructor(options: {
      readonly headingStyle: "atx";
      readonly codeBlockStyle: "fenced";
      readonly bulletListMarker: "-";
    });
    addRule(name: string, rule: TurndownRule): this;
    remove(names: readonly string[]): this;
    turndown(html: string): string;
  }

  export = TurndownService;
}
