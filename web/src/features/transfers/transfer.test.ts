import { expect, test } from "vitest";
import { ApiError } from "@/api/errors";
import { operation } from "@/testing/operations";
import { outcomeOf, type Transfer } from "./transfer";

const OFFLINE = new ApiError(0, "the connection broke");

function transfer(change: Partial<Transfer> = {}): Transfer {
  return { id: "one", direction: "upload", name: "photos", fileName: "a.tar", done: 5, total: 10, ended: null, cancelling: false, refusal: null, ...change };
}

test("a file moves until all of it is sent", () => {
  expect(outcomeOf(transfer(), undefined)).toEqual({ phase: "running" });
  expect(outcomeOf(transfer({ done: 10 }), undefined)).toMatchObject({ phase: "merging" });
});

test("a download moves to its end", () => {
  expect(outcomeOf(transfer({ direction: "download", total: null }), undefined)).toEqual({ phase: "running" });
});

test.each(["succeeded", "cancelled"] as const)("the answer says that it has %s", (ended) => {
  expect(outcomeOf(transfer({ ended }), undefined)).toEqual({ phase: ended });
});

test("a refusal is a failure", () => {
  const error = new ApiError(507, "no room");
  expect(outcomeOf(transfer({ ended: error }), undefined)).toEqual({ phase: "failed", error });
});

test("a connection that breaks before everything has arrived is a failure", () => {
  expect(outcomeOf(transfer({ ended: OFFLINE }), undefined)).toEqual({ phase: "failed", error: OFFLINE });
});

test("a connection that breaks afterwards leaves the end to the operation", () => {
  const running = operation({ id: "one", kind: "upload-archive" });
  expect(outcomeOf(transfer({ ended: OFFLINE }), running)).toMatchObject({ phase: "merging", operation: running });
  expect(outcomeOf(transfer({ ended: OFFLINE }), { ...running, state: "succeeded" })).toEqual({ phase: "succeeded" });
  expect(outcomeOf(transfer({ ended: OFFLINE }), { ...running, state: "cancelled" })).toEqual({ phase: "cancelled" });
  expect(outcomeOf(transfer({ ended: OFFLINE }), { ...running, state: "undone", error: "no room" })).toMatchObject({ phase: "failed", error: { detail: "no room" } });
});

test("the request that sent it may be answered before the one that stops it", () => {
  expect(outcomeOf(transfer({ ended: new ApiError(409, "was cancelled"), cancelling: true }), undefined)).toEqual({ phase: "cancelled" });
});
