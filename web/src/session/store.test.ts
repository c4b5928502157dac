import { expect, test, vi } from "vitest";
import { ADMIN } from "@/testing/render";
import { SessionStore } from "./store";

test("a session outlasts a reload", () => {
  new SessionStore(window.localStorage).set(ADMIN);
  expect(new SessionStore(window.localStorage).get()).toEqual(ADMIN);
});

test("signing out leaves nothing behind", () => {
  const store = new SessionStore(window.localStorage);
  store.set(ADMIN);
  store.set(null);
  expect(window.localStorage).toHaveLength(0);
});

test.each(["", "null", "{", '{"token":1}', "[]"])("the stored text %j is no session", (text) => {
  window.localStorage.setItem("town_os_session", text);
  expect(new SessionStore(window.localStorage).get()).toBeNull();
});

test("a refusal of an older token does not end the session that followed", () => {
  const store = new SessionStore(window.localStorage);
  store.set(ADMIN);
  store.rejected("older");
  expect(store.token()).toBe(ADMIN.token);
  store.rejected(ADMIN.token);
  expect(store.token()).toBeNull();
});

test("signing out in one tab is told to the others", () => {
  const store = new SessionStore(window.localStorage);
  store.set(ADMIN);
  const told = vi.fn<() => void>();
  const unsubscribe = store.subscribe(told);
  window.localStorage.clear();
  window.dispatchEvent(new StorageEvent("storage", { key: null }));
  expect(told).toHaveBeenCalledOnce();
  expect(store.get()).toBeNull();
  unsubscribe();
});
