import { expect, test, vi } from "vitest";
import { catchSendings } from "@/testing/sending";
import { ApiClient } from "./client";
import { ApiError } from "./errors";

function sending(token: string | null = "secret") {
  const caught = catchSendings();
  const rejected = vi.fn<(token: string) => void>();
  const api = new ApiClient(async () => "http://town.test", { token: () => token, rejected });
  const leaving = new AbortController();
  const progress = vi.fn<(sent: number, total: number) => void>();
  const form = new FormData();
  const result = api.upload("/storage/upload-archive", form, { progress, signal: leaving.signal }).then(
    () => "accepted",
    (error: unknown) => error,
  );
  const request = () => vi.waitFor(() => caught[0] ?? Promise.reject(new Error("nothing was sent")));
  return { request, result, progress, leaving, rejected, form };
}

test("a form is sent with the token, and how much of it has gone is told", async () => {
  const { request, result, progress, form } = sending();
  const sent = await request();
  expect(sent.url).toBe("http://town.test/storage/upload-archive");
  expect(sent.headers.get("Authorization")).toBe("Bearer secret");
  expect(sent.form).toBe(form);
  sent.sent(3, 10);
  expect(progress).toHaveBeenCalledWith(3, 10);
  sent.answer(200);
  expect(await result).toBe("accepted");
});

test("a refusal is an error with its fields", async () => {
  const { request, result } = sending();
  (await request()).answer(422, { detail: "no", validation_errors: [{ name: "subpath", error: "leads out" }] });
  const error = await result;
  expect(error).toMatchObject({ status: 422, detail: "no" });
  expect((error as ApiError).byField("en-US")).toEqual({ subpath: "leads out" });
});

test("a token that is not valid any more ends the session", async () => {
  const { request, result, rejected } = sending();
  (await request()).answer(401, { detail: "invalid session" });
  await result;
  expect(rejected).toHaveBeenCalledWith("secret");
});

test("a connection that breaks is an error without a status", async () => {
  const { request, result } = sending();
  (await request()).break();
  expect(await result).toMatchObject({ offline: true });
});

test("an abort stops the request", async () => {
  const { request, result, leaving } = sending();
  const sent = await request();
  leaving.abort();
  expect(sent.aborted).toBe(true);
  expect(await result).toBe(leaving.signal.reason);
});

test("a request that was aborted before is not sent", async () => {
  const { result, leaving } = sending();
  leaving.abort();
  expect(await result).toBe(leaving.signal.reason);
});
