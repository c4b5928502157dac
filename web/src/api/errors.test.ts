import { expect, test } from "vitest";
import { json } from "@/testing/appliance";
import { operation } from "@/testing/operations";
import { asApiError, ApiError, operationError, problem } from "./errors";

const EXISTS = { code: "storage.exists", params: ["photos"] };
const SENTENCE = "filesystem photos already exists";
const IN_WORDS = "You already have a volume called photos.";

test("an error whose code the page knows is said in its words", async () => {
  const error = await problem(json({ detail: SENTENCE, ...EXISTS }, 409));
  expect(error.detail).toBe(SENTENCE);
  expect(error.text("en-US")).toBe(IN_WORDS);
});

test("so is what is wrong with a field", async () => {
  const error = await problem(json({ detail: SENTENCE, validation_errors: [{ name: "name", error: SENTENCE, ...EXISTS }] }, 409));
  expect(error.byField("en-US")).toEqual({ name: IN_WORDS });
});

test.each([{}, { code: 7, params: [] }, { code: "storage.exists" }, { code: "storage.exists", params: "photos" }])("an error with %j is said as it came", async (data) => {
  expect((await problem(json({ detail: SENTENCE, ...data }, 409))).text("en-US")).toBe(SENTENCE);
});

test("an operation fails with its own error, in the page's words where it has some", () => {
  expect(operationError(operation({ error: SENTENCE })).text("en-US")).toBe(SENTENCE);
  expect(operationError(operation({ error: SENTENCE, error_detail: EXISTS })).text("en-US")).toBe(IN_WORDS);
});

test("an error of another kind counts as no answer", () => {
  const error = new ApiError(409, "no");
  expect(asApiError(error)).toBe(error);
  expect(asApiError(new TypeError("Failed to fetch"))).toMatchObject({ offline: true, detail: "Failed to fetch" });
  expect(asApiError("odd")).toMatchObject({ offline: true, detail: "odd" });
});
