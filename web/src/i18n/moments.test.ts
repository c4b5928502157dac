import { expect, test } from "vitest";
import { momentText } from "./moments";

test("a moment has its day and its time of day", () => {
  const written = new Date(2026, 4, 1, 10, 5).toISOString();
  expect(momentText(written, "en-US").replace(/\s/g, " ")).toBe("May 1, 2026, 10:05 AM");
});

test("a text that is no moment is shown unchanged", () => {
  expect(momentText("long ago", "en-US")).toBe("long ago");
});
