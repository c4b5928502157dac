import { expect, test } from "vitest";
import { downloadName, isArchiveName, pathsOf } from "./formats";

test.each(["a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tbz2", "a.tar.xz", "a.txz", "A.TGZ"])("%s is an archive", (name) => {
  expect(isArchiveName(name)).toBe(true);
});

test.each(["a.zip", "a.gz", "tar", ""])("%j is no archive", (name) => {
  expect(isArchiveName(name)).toBe(false);
});

test.each([
  ["photos", "photos.tar.gz"],
  ["photos.tar.xz", "photos.tar.gz"],
  ["photos.tgz", "photos.tar.gz"],
  ["", "download.tar.gz"],
  [".tar.gz", "download.tar.gz"],
  ["a/b", "a_b.tar.gz"],
])("a file that is called %j is saved as %j", (base, name) => {
  expect(downloadName(base, "tar.gz")).toBe(name);
});

test("paths are separated by commas, and lead into the volume however they are written", () => {
  expect(pathsOf(" a/b , /c,, d e ")).toEqual(["a/b", "c", "d e"]);
});
