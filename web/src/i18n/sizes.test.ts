import { expect, test } from "vitest";
import { bytesOf, sizesInWords, sizeText } from "./sizes";

test.each([
  [0, "0 byte"],
  [1023, "1,023 byte"],
  [64 * 1024 ** 2, "64 MB"],
  [1.5 * 1024 ** 3, "1.5 GB"],
  [1024 ** 5, "1,024 TB"],
])("%d bytes read %j", (bytes, text) => {
  expect(sizeText(bytes, "en-US").replace("bytes", "byte")).toBe(text);
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

test.each([
  ["the archive holds 1572864 bytes, and the volume has room for 1048576", "the archive holds 1.5 MB, and the volume has room for 1 MB"],
  ["10737418240 bytes do not fit on the disk: 5368709120 of 21474836480 bytes are used, and 95 percent", "10 GB do not fit on the disk: 5 GB of 20 GB are used, and 95 percent"],
  ["a name may have 255 bytes", "a name may have 255 bytes"],
  ["no space left in the filesystem user/20260101: its quota of 1048576 bytes is reached", "no space left in the filesystem user/20260101: its quota of 1 MB is reached"],
  ['"20260101" has 1048576 bytes', '"20260101" has 1 MB'],
  ["port 8090 is taken", "port 8090 is taken"],
])("amounts in %j are put in words", (text, words) => {
  expect(sizesInWords(text, "en-US")).toBe(words);
});
