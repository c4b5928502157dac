import { expect, test } from "vitest";
import { messageText } from "./message";

test("a message that the page words better is said in its words", () => {
  expect(messageText({ code: "storage.exists", params: ["photos"], text: "filesystem photos already exists" }, "en-US")).toBe("You already have a volume called photos.");
});

test("sizes in a message are shown in the reader's language", () => {
  expect(messageText({ code: "account.password_too_long", params: [{ bytes: 1024 }], text: "" }, "en-US")).toBe("Use at most 1 kB.");
});

test.each([undefined, "no.such_code"])("a message with the code %s is shown as the appliance says it", (code) => {
  expect(messageText({ code, params: [1], text: "the disk is full" }, "en-US")).toBe("the disk is full");
});

test("a parameter that is missing leaves its place", () => {
  expect(messageText({ code: "storage.exists", text: "" }, "en-US")).toBe("You already have a volume called {0}.");
});
