import { describe, expect, test } from "vitest";
import { strengthOf } from "./strength";
import { validate } from "./validate";

const GOOD = { username: "ada", password: "correct horse", again: "correct horse", real_name: "Ada", email: "ada@example.org", phone: "+49 30 123456" };

describe("the form of the first account", () => {
  test("is right when all of it is", () => {
    expect(validate(GOOD)).toEqual({});
  });

  test.each([
    ["username", " ", "invalid.username"],
    ["password", "1234567", "invalid.password_short"],
    ["again", "correct hearse", "invalid.password_differs"],
    ["real_name", "", "invalid.real_name"],
    ["email", "ada@example", "invalid.email"],
    ["email", "a da@example.org", "invalid.email"],
    ["phone", "none", "invalid.phone"],
    ["phone", "+", "invalid.phone"],
  ] as const)("tells what is wrong with %s %j", (name, value, error) => {
    expect(validate({ ...GOOD, [name]: value })).toEqual({ [name]: error });
  });

  test("counts the password in bytes, as the appliance does", () => {
    expect(validate({ ...GOOD, password: "éééé", again: "éééé" })).toEqual({});
  });
});

test.each([
  ["1234567", "short"],
  ["12345678", "weak"],
  ["aaaaaaaaaaaaaaaaaaaa", "weak"],
  ["tower4bridge", "fair"],
  ["correct horse battery", "strong"],
] as const)("the password %j is %s", (password, strength) => {
  expect(strengthOf(password)).toBe(strength);
});
