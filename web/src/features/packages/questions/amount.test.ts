import { expect, test } from "vitest";
import { amountOf, answerOf, NO_AMOUNT } from "./amount";

test.each([
  ["2gb", { digits: "2", unit: "gb" }],
  ["500 MB", { digits: "500", unit: "mb" }],
  ["1.5tb", { digits: "1.5", unit: "tb" }],
  ["", NO_AMOUNT],
])("the answer %j has its amount and its unit", (answer, amount) => {
  expect(amountOf(answer)).toEqual(amount);
});

test("an answer in plain bytes has no unit to choose", () => {
  expect(amountOf("1073741824")).toBeNull();
});

test("an amount without digits is no answer, whatever its unit", () => {
  expect(answerOf({ digits: " ", unit: "tb" })).toBe("");
  expect(answerOf({ digits: " 20 ", unit: "tb" })).toBe("20tb");
});
