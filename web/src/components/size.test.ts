import { expect, test } from "vitest";
import { bytesOfSize, sizeOf } from "./size";

test.each([
  [0, { digits: "0", unit: "gigabyte" }],
  [1_073_741_824, { digits: "1", unit: "gigabyte" }],
  [1.5 * 1024 ** 3, { digits: "1.5", unit: "gigabyte" }],
  [2 * 1024 ** 4, { digits: "2", unit: "terabyte" }],
  [64 * 1024 ** 2, { digits: "64", unit: "megabyte" }],
  [6_081_741, { digits: "5.8", unit: "megabyte" }],
  [1000, { digits: "1000", unit: "byte" }],
])("%d bytes are shown in the unit that fits best", (bytes, size) => {
  expect(sizeOf(bytes)).toEqual(size);
  expect(bytesOfSize(sizeOf(bytes))).toBe(bytes);
});

test.each(["", "-1", "a", "1e3", "1.2.3", "0x10", "99999999999999999"])("%j is no amount", (digits) => {
  expect(bytesOfSize({ digits, unit: "byte" })).toBeNull();
});

test("a comma is as good as a point", () => {
  expect(bytesOfSize({ digits: " 1,5 ", unit: "gigabyte" })).toBe(1.5 * 1024 ** 3);
});
