import { describe, expect, test } from "vitest";
import { EventParser, type ServerEvent } from "./event-parser";

function parsed(...pieces: Uint8Array[]): { events: ServerEvent[]; comments: string[] } {
  const events: ServerEvent[] = [];
  const comments: string[] = [];
  const parser = new EventParser({ event: (event) => events.push(event), comment: (text) => comments.push(text) });
  for (const piece of pieces) {
    parser.push(piece);
  }
  return { events, comments };
}

const bytes = (text: string) => new TextEncoder().encode(text);

const STREAM = ['id: s=1;i=2\ndata: {"Message":"Grüße, 世界 🏘"}\n\n', ":\n: gap\n\n", "event: operation\r\nid: 7\r\ndata: one\r\ndata: two\r\n\r\n", "data:no space\rid\r\r", "data\n\n"].join("");
const WHOLE = {
  events: [
    { id: "s=1;i=2", type: "message", data: '{"Message":"Grüße, 世界 🏘"}' },
    { id: "7", type: "operation", data: "one\ntwo" },
    { id: "", type: "message", data: "no space" },
    { id: "", type: "message", data: "" },
  ],
  comments: ["", "gap"],
};

describe("a stream", () => {
  test("is read whole", () => {
    expect(parsed(bytes(STREAM))).toEqual(WHOLE);
  });

  test("may be cut at any byte, in the middle of a character or of a line ending too", () => {
    const all = bytes(STREAM);
    for (let cut = 0; cut <= all.length; cut += 1) {
      expect(parsed(all.slice(0, cut), all.slice(cut)), `cut at ${cut}`).toEqual(WHOLE);
    }
  });

  test("may come byte by byte, with empty pieces between", () => {
    const pieces = Array.from(bytes(STREAM)).flatMap((byte) => [new Uint8Array([byte]), new Uint8Array()]);
    expect(parsed(...pieces)).toEqual(WHOLE);
  });

  test("gives no event that is not complete", () => {
    expect(parsed(bytes("data: half\n")).events).toEqual([]);
  });

  test("keeps the last id for events without one", () => {
    expect(parsed(bytes("id: 1\ndata: a\n\ndata: b\n\n")).events.map((event) => event.id)).toEqual(["1", "1"]);
  });
});
