import { expect, test, vi } from "vitest";
import { Appliance, empty, json, problem } from "@/testing/appliance";
import { ApiClient } from "./client";
import { ApiError } from "./errors";

function client(appliance: Appliance, token: string | null = "secret") {
  const rejected = vi.fn<(token: string) => void>();
  return { api: new ApiClient(async () => "", { token: () => token, rejected }, appliance.fetch), rejected };
}

async function failure(request: Promise<unknown>): Promise<ApiError> {
  const error = await request.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) {
    throw new Error(`expected an ApiError, not ${String(error)}`);
  }
  return error;
}

test("a request carries the token and the given parameters of its query", async () => {
  const appliance = new Appliance().on("GET /packages", () => json({ entries: [] }));
  await client(appliance).api.get("/packages", { search: "a b&c", limit: 5, installed_only: "true", featured_only: undefined });
  const [asked] = appliance.asked;
  expect(asked?.headers.get("Authorization")).toBe("Bearer secret");
  expect(asked?.query.toString()).toBe("search=a+b%26c&limit=5&installed_only=true");
});

test("no token is sent without a session", async () => {
  const appliance = new Appliance();
  await client(appliance, null).api.get("/status/ping");
  expect(appliance.asked[0]?.headers.has("Authorization")).toBe(false);
});

test("an empty answer is no error", async () => {
  const appliance = new Appliance().on("POST /packages/install", empty);
  await expect(client(appliance).api.post("/packages/install", { name: "x" })).resolves.toBeUndefined();
  expect(appliance.asked[0]?.body).toEqual({ name: "x" });
});

test("a problem becomes an error with its fields and the time to wait", async () => {
  const appliance = new Appliance().on("POST /packages/install", () => problem(422, "1 response validation error(s)", { port: "not a port" }, { "Retry-After": "30" }));
  const error = await failure(client(appliance).api.post("/packages/install"));
  expect(error).toMatchObject({ status: 422, detail: "1 response validation error(s)", retryAfterSeconds: 30, offline: false });
  expect(error.byField("en-US")).toEqual({ port: "not a port" });
});

test.each([
  ["plain text", "it broke", "it broke"],
  ["nothing", "", "status 502"],
  ["an older form", '{"message":"old"}', "old"],
  ["odd fields", '{"detail":"odd","validation_errors":[null,1,{"name":2}]}', "odd"],
])("an error that is %s is told as well as it can be", async (_, body, detail) => {
  const appliance = new Appliance().on("GET /packages", () => new Response(body, { status: 502 }));
  const error = await failure(client(appliance).api.get("/packages"));
  expect(error).toMatchObject({ status: 502, detail, fields: [] });
});

test("a refused token is reported, a refused sign-in is not", async () => {
  const appliance = new Appliance().on("GET /packages", () => problem(401, "invalid session"));
  const signedIn = client(appliance);
  const stranger = client(appliance, null);
  expect((await failure(signedIn.api.get("/packages"))).status).toBe(401);
  expect(signedIn.rejected).toHaveBeenCalledExactlyOnceWith("secret");
  await failure(stranger.api.get("/packages"));
  expect(stranger.rejected).not.toHaveBeenCalled();
});

test("no answer at all is an error of its own kind", async () => {
  const api = new ApiClient(
    async () => "",
    { token: () => null, rejected: () => undefined },
    async () => Promise.reject(new TypeError("Failed to fetch")),
  );
  expect((await failure(api.get("/packages"))).offline).toBe(true);
});

test("a request that was given up is no error of the appliance", async () => {
  const leaving = new AbortController();
  leaving.abort();
  const api = new ApiClient(
    async () => "",
    { token: () => null, rejected: () => undefined },
    async () => Promise.reject(new DOMException("aborted", "AbortError")),
  );
  await expect(api.get("/packages", {}, leaving.signal)).rejects.toThrow(DOMException);
});
