/**
 * The results of methods whose text becomes part of the response as it is. The protocol's implementation would parse and write
 * it again, which changes payloads. It gets an object that stands in for the result.
 */
export class ResultTexts {
  readonly #name: string;
  #members: string | null = null;

  /** `name`: a text that callers cannot know. */
  constructor(name: string) {
    this.#name = name;
  }

  /** An object that stands in for a result, which is the JSON of an object. A request has one result. */
  standIn(text: string): Record<string, unknown> {
    const members = text.slice(1, -1);
    if (members === "") return {};
    this.#members = members;
    return { [this.#name]: "" };
  }

  /** The response to the request, with the text of its result. */
  into(response: string, mediaType: string): string {
    const members = this.#members;
    if (members === null) return response;
    // An event of a stream continues on lines of their own. Text has line breaks between tokens only.
    const lines = mediaType.startsWith("text/event-stream") ? members.replaceAll(/\r\n|[\r\n]/g, "\ndata: ") : members;
    return response.replace(`${JSON.stringify(this.#name)}:""`, () => lines);
  }
}
