/** Packages for tests, and an appliance that has them. */

import type { Answers, InstallPreview, PackageEntry, Questions } from "@/api/types";
import { Appliance, json, page } from "./appliance";

export const WEB: PackageEntry = { repo: "core", name: "web", version: "1.0", runtime: "container", installed: false, description: "A page of your own", featured: true };
export const INSTALLED: PackageEntry = { ...WEB, installed: true, installed_version: "1.0" };

export const QUESTIONS: Questions = {
  title: { query: "What is the heading?", default: "Hello" },
  port: { query: "Which port?", type: "port" },
  password: { query: "Which password?", type: "secret" },
};

export const PREVIEW: InstallPreview = {
  repo: "core",
  name: "web",
  version: "1.0",
  image: "docker.io/library/nginx:latest",
  runtime: "container",
  volumes: [{ name: "html", mountpoint: "/html", quota: "64mb", migrated: false, fresh: true }],
  external_ports: [{ external: 8090, internal: 80 }],
  internal_ports: [],
  has_questions: true,
  total_quota: 64,
  quota_exceeds_disk: false,
  summary: "Install web 1.0.",
};

interface Offered {
  questions?: Questions;
  preview?: InstallPreview;
  current?: Answers;
  last?: Answers;
}

/** An appliance with one package, which asks `questions` and knows answers from before. */
export function offering(entry: PackageEntry, { questions = QUESTIONS, preview = PREVIEW, current = {}, last = {} }: Offered = {}): Appliance {
  return new Appliance()
    .on("GET /packages", () => page([entry]))
    .on("POST /packages/questions/identity", () => json(questions))
    .on("POST /packages/install-preview", () => json(preview))
    .on("POST /packages/responses", () => json(current))
    .on("POST /packages/last-responses", () => json(last))
    .on("POST /packages/uninstalled-volumes", () => json({ has_uninstalled_volumes: false }))
    .on("POST /packages/versions", () => json([entry.version]))
    .on("POST /packages/installed/info", () => json({ questions, responses: current, notes: {} }));
}
