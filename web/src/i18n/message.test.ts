import { expect, test } from "vitest";
import { messageText } from "./message";

test("a message that the page words better is said in its words", () => {
  expect(messageText({ code: "storage.exists", params: ["photos"], text: "filesystem photos already exists" }, "en-US")).toBe("You already have a volume called photos.");
});

test.each([
  [{ bytes: 1024 }, "Use at most 1 kB."],
  [{ seconds: 120 }, "Use at most 2 minutes."],
  [12_000, "Use at most 12,000."],
  [{ term: { code: "", params: [{ bytes: 72 }, " or so"] } }, "Use at most 72 bytes or so."],
  [{ term: { code: "storage.root", params: [] } }, "Use at most This volume belongs to Town OS and cannot be changed.."],
])("the parameter %j is shown in the reader's language", (param, text) => {
  expect(messageText({ code: "account.password_too_long", params: [param], text: "" }, "en-US")).toBe(text);
});

test.each([undefined, "", "no.such_code"])("a message with the code %s is shown as the appliance says it", (code) => {
  expect(messageText({ code, params: [1], text: "the disk is full" }, "en-US")).toBe("the disk is full");
});

test.each([[], [null], [{}], [{ term: { code: "no.such_code", params: [] } }]])("a message whose parameter %j cannot be shown is as the appliance says it", (...params) => {
  expect(messageText({ code: "storage.exists", params, text: "filesystem photos already exists" }, "en-US")).toBe("filesystem photos already exists");
});
