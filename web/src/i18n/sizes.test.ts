import { expect, test } from "vitest";
import { bytesOf, sizeText } from "./sizes";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1023, "1,023 bytes"],
  [1024 ** 2 - 1, "1 MB"],
  [999.6 * 1024 ** 2, "1,000 MB"],
  [64 * 1024 ** 2, "64 MB"],
  [1.5 * 1024 ** 3, "1.5 GB"],
  [1024 ** 5, "1,024 TB"],
])("%d bytes read %j", (bytes, text) => {
  expect(sizeText(bytes, "en-US")).toBe(text);
});

test.each([
  ["64mb", 64 * 1024 ** 2],
  ["2 GB", 2 * 1024 ** 3],
  ["1tb", 1024 ** 4],
  ["4096", 4096],
  ["@size@", null],
  [undefined, null],
])("a manifest's %j is %j bytes", (written, bytes) => {
  expect(bytesOf(written)).toBe(bytes);
});
