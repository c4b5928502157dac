import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Appliance, problem, Stream } from "@/testing/appliance";
import { ApiClient } from "./client";
import { follow } from "./follow";

const PATH = "/systemd/logs";

function following(appliance: Appliance) {
  const api = new ApiClient(async () => "", { token: () => "t", rejected: () => undefined }, appliance.fetch);
  const seen: string[] = [];
  const leaving = new AbortController();
  const follower = {
    event: (event: { data: string }) => void seen.push(event.data),
    gap: () => void seen.push("(gap)"),
    connected: (open: boolean) => void seen.push(open ? "(open)" : "(closed)"),
    refused: (error: Error) => void seen.push(`(refused: ${error.message})`),
  };
  const done = follow(api, PATH, follower, { query: { unit: "a.service" }, signal: leaving.signal });
  return { seen, done, leave: () => leaving.abort() };
}

function streams(appliance: Appliance): Stream[] {
  const opened: Stream[] = [];
  appliance.on(`GET ${PATH}`, () => {
    const stream = new Stream();
    opened.push(stream);
    return stream.response;
  });
  return opened;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

test("a stream that was cut goes on after the last event", async () => {
  const appliance = new Appliance();
  const opened = streams(appliance);
  const { seen, leave, done } = following(appliance);
  await settle();
  opened[0]?.send("id: c1\ndata: one\n\nid: c2\ndata: two\n\nid: c3\ndata: never fin");
  await settle();
  opened[0]?.end();
  await vi.advanceTimersByTimeAsync(500);
  opened[1]?.send("id: c3\ndata: three\n\n");
  await settle();
  expect(seen).toEqual(["(open)", "one", "two", "(closed)", "(open)", "three"]);
  expect(appliance.asked.map((asked) => asked.headers.get("Last-Event-ID"))).toEqual([null, "c2"]);
  expect(appliance.asked[1]?.query.get("unit")).toBe("a.service");
  leave();
  await done;
});

test("a gap is told", async () => {
  const appliance = new Appliance();
  const opened = streams(appliance);
  const { seen, leave, done } = following(appliance);
  await settle();
  opened[0]?.send(": gap\n\ndata: next\n\n:\n");
  await settle();
  expect(seen).toEqual(["(open)", "(gap)", "next"]);
  leave();
  await done;
});

test("a connection that says nothing for long is given up", async () => {
  const appliance = new Appliance();
  const opened = streams(appliance);
  const { leave, done } = following(appliance);
  await settle();
  await vi.advanceTimersByTimeAsync(14_000);
  opened[0]?.send(":\n");
  await vi.advanceTimersByTimeAsync(14_000);
  expect(opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(opened).toHaveLength(2);
  leave();
  await done;
});

test("between attempts there is more and more time, up to ten seconds", async () => {
  const appliance = new Appliance().on(`GET ${PATH}`, () => problem(503, "starting"));
  const { leave, done } = following(appliance);
  await settle();
  const after = async (milliseconds: number) => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    return appliance.asked.length;
  };
  expect([await after(499), await after(1), await after(999), await after(1)]).toEqual([1, 2, 2, 3]);
  await after(60_000);
  const before = appliance.asked.length;
  expect(await after(10_000)).toBe(before + 1);
  leave();
  await done;
});

test("a refusal ends it", async () => {
  const appliance = new Appliance().on(`GET ${PATH}`, () => problem(422, "no such unit"));
  const { seen, done } = following(appliance);
  await settle();
  await done;
  expect(seen).toEqual(["(refused: no such unit)"]);
});

test("leaving ends it at once, even in a pause", async () => {
  const appliance = new Appliance().on(`GET ${PATH}`, () => problem(503, "starting"));
  const { leave, done } = following(appliance);
  await settle();
  leave();
  await done;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(appliance.asked).toHaveLength(1);
});
