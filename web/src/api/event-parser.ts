/** Server-sent events out of a stream of bytes that may be cut anywhere, in the middle of a character too. */

export interface ServerEvent {
  /** The last id that the stream has told, which is the one to resume from. */
  id: string;
  type: string;
  data: string;
}

export interface EventSink {
  event(event: ServerEvent): void;
  comment?(text: string): void;
}

export class EventParser {
  private readonly decoder = new TextDecoder();
  private rest = "";
  private afterReturn = false;
  private id = "";
  private type = "";
  private data: string[] = [];

  constructor(private readonly sink: EventSink) {}

  push(bytes: Uint8Array): void {
    this.text(this.decoder.decode(bytes, { stream: true }));
  }

  /** Lines end with LF, CR or CRLF; a CR ends its line at once, so a LF that begins the next piece belongs to it. */
  private text(piece: string): void {
    let text = piece;
    if (this.afterReturn && text.startsWith("\n")) {
      text = text.slice(1);
    }
    if (piece) {
      this.afterReturn = text.endsWith("\r");
    }
    const lines = (this.rest + text).split(/\r\n|\n|\r/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      this.line(line);
    }
  }

  private line(line: string): void {
    if (line === "") {
      this.dispatch();
      return;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "") {
      this.sink.comment?.(value);
    } else {
      this.field(name, value);
    }
  }

  private field(name: string, value: string): void {
    if (name === "data") {
      this.data.push(value);
    } else if (name === "event") {
      this.type = value;
    } else if (name === "id" && !value.includes("\0")) {
      this.id = value;
    }
  }

  private dispatch(): void {
    if (this.data.length) {
      this.sink.event({ id: this.id, type: this.type || "message", data: this.data.join("\n") });
    }
    this.data = [];
    this.type = "";
  }
}
