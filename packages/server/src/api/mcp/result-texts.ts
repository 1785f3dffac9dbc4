/**
 * Puts the text of a result into the response as it is. The implementation of the protocol would parse and write the result, which
 * changes payloads. It gets a placeholder instead.
 */
export class ResultTexts {
  readonly #name: string;
  #members: string | null = null;

  /** `name`: a text that callers cannot know. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The placeholder of a result, which is the JSON of an object. A request has one result. */
  placeholderOf(text: string): Record<string, unknown> {
    const members = text.slice(1, -1);
    if (members === "") return {};
    this.#members = members;
    return { [this.#name]: "" };
  }

  /** The response to the request, with the text of its result. */
  into(response: string, mediaType: string): string {
    const members = this.#members;
    if (members === null) return response;
    // Each line of an event of a stream has a prefix. JSON has line breaks between tokens only.
    const lines = mediaType.startsWith("text/event-stream") ? members.replaceAll(/\r\n|[\r\n]/g, "\ndata: ") : members;
    return response.replace(`${JSON.stringify(this.#name)}:""`, () => lines);
  }
}
