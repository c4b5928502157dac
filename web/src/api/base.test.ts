// @conformance UI-04
import { expect, test, vi } from "vitest";
import { findBase, rememberedBase } from "./base";

const page = (port: string) => ({ protocol: "http:", hostname: "town.local", port });
const answering = (type: string) => vi.fn<typeof fetch>(async () => new Response("{}", { headers: { "Content-Type": type } }));

test("the variable of the build comes first", async () => {
  const ask = answering("application/json");
  expect(await findBase(page("80"), "http://other:1234/", ask)).toBe("http://other:1234");
  expect(ask).not.toHaveBeenCalled();
});

test("a page from the appliance itself asks where it came from", async () => {
  expect(await findBase(page("5309"), undefined, answering("text/html"))).toBe("");
});

test("a page from the appliance through a forwarded port asks there too", async () => {
  expect(await findBase(page("43121"), undefined, answering("application/json"))).toBe("");
});

test("a page from a web server of its own asks port 5309 of the same host", async () => {
  expect(await findBase(page(""), undefined, answering("text/html; charset=utf-8"))).toBe("http://town.local:5309");
});

test("the address is looked for once, but again after a failure", async () => {
  const find = vi.fn<() => Promise<string>>(async () => "").mockRejectedValueOnce(new TypeError("offline"));
  const base = rememberedBase(find);
  await expect(base()).rejects.toThrow("offline");
  expect([await base(), await base()]).toEqual(["", ""]);
  expect(find).toHaveBeenCalledTimes(2);
});
