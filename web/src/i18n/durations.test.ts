import { expect, test } from "vitest";
import { durationText } from "./durations";

test.each([
  [1, "1 second"],
  [60, "60 seconds"],
  [90, "90 seconds"],
  [0.5, "0.5 seconds"],
  [120, "2 minutes"],
  [3_600, "60 minutes"],
  [7_200, "2 hours"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds, "en-US")).toBe(text);
});

test("units are named in the reader's language", () => {
  expect(durationText(120, "de-DE")).toBe("2 Minuten");
});
