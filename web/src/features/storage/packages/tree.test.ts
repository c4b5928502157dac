import { expect, test } from "vitest";
import { filesystem, userVolume } from "@/testing/volumes";
import { storedVolume } from "../volume";
import { treeOf } from "./tree";

const tree = (...places: string[]) => treeOf(places.map((place) => storedVolume(filesystem(place, 100, 10))));

test("volumes are grouped by package and version", () => {
  const [chess, web] = tree("installed/core/web/1.0/b", "installed/games/chess/2/db", "uninstalled/core/web/0.9/b", "installed/core/web/1.0/a");
  expect(chess).toMatchObject({ repo: "games", name: "chess" });
  expect(web?.versions.map(({ version, volumes }) => [version, volumes.map(({ name }) => name)])).toEqual([
    ["0.9", ["b"]],
    ["1.0", ["a", "b"]],
  ]);
});

test("packages of the same name in two repositories are two", () => {
  expect(tree("installed/one/web/1.0/a", "installed/two/web/1.0/a").map(({ repo }) => repo)).toEqual(["one", "two"]);
});

test("version 1.10 comes after 1.9", () => {
  const [web] = tree("installed/core/web/1.10/a", "uninstalled/core/web/1.9/a");
  expect(web?.versions.map(({ version }) => version)).toEqual(["1.9", "1.10"]);
});

test("quotas and uses are added up, and the states are known", () => {
  const [web] = tree("installed/core/web/1.0/a", "uninstalled/core/web/0.9/a");
  expect(web?.total).toEqual({ volumes: 2, quota: 200, referenced: 20, installed: true, uninstalled: true });
  expect(web?.versions[1]?.total).toEqual({ volumes: 1, quota: 100, referenced: 10, installed: true, uninstalled: false });
});

test("with one volume without a limit there is none for all", () => {
  const volumes = [filesystem("installed/core/web/1.0/a", 100), filesystem("installed/core/web/1.0/b", 0)].map(storedVolume);
  expect(treeOf(volumes)[0]?.total.quota).toBe(0);
});

test("volumes of no package are not in the tree", () => {
  expect(treeOf([storedVolume(userVolume("photos"))])).toEqual([]);
});
