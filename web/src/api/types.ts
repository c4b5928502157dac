/** The objects of the HTTP interface, with the names that they have there. */

export interface Account {
  username: string;
  email: string;
  phone: string;
  real_name: string;
  admin: boolean;
  disabled: boolean;
  created_at: string;
  updated_at: string;
}

export interface NewAccount {
  username: string;
  password: string;
  email: string;
  phone: string;
  real_name: string;
  admin: boolean;
}

export interface SignedIn {
  token: string;
  account: Account;
}

/** Without a valid token there are only the first two. */
export interface Ping {
  status: "ok";
  needs_setup?: boolean;
  username?: string;
  locale?: string;
  repositories?: number;
  repository_errors?: Record<string, string>;
  boot?: string[];
  space?: "ok" | "low" | "full";
}

export interface Page<Entry> {
  entries: Entry[];
  has_more: boolean;
  total_pages: number;
  total_count: number;
}

export interface PackageEntry {
  repo: string;
  name: string;
  version: string;
  runtime: string;
  installed: boolean;
  description?: string;
  supplies?: string[];
  installed_version?: string;
  featured?: boolean;
  error?: string;
}

/** One version of a package. */
export interface PackageIdentity {
  repo: string;
  name: string;
  version: string;
}

export interface Question {
  query: string;
  type?: string;
  default?: string;
}

export type Questions = Record<string, Question>;
export type Answers = Record<string, string>;

export interface Volume {
  name: string;
  mountpoint: string;
  quota?: string;
  migrated: boolean;
  fresh: boolean;
}

export interface PortMapping {
  external: number;
  internal: number;
}

export interface InstallPreview extends PackageIdentity {
  description?: string;
  image: string;
  runtime: string;
  volumes: Volume[];
  external_ports: PortMapping[];
  internal_ports: PortMapping[];
  has_questions: boolean;
  total_quota: number;
  quota_exceeds_disk: boolean;
  summary: string;
}

export type NoteType = "url" | "phone" | "email";

export interface InstalledInfo {
  questions: Questions;
  responses: Answers;
  notes: Record<string, string>;
  note_types?: Record<string, NoteType>;
}

export interface Repository {
  name: string;
  url: string;
  username?: string;
  error?: string;
}

export type StepState = "pending" | "running" | "succeeded" | "failed" | "undoing" | "undone";
export type OperationState = "queued" | "running" | "succeeded" | "failed" | "undone" | "cancelled";

export interface OperationStep {
  name: string;
  state: StepState;
  done: number | null;
  total: number | null;
  unit: string;
}

export interface Operation extends PackageIdentity {
  id: string;
  kind: string;
  state: OperationState;
  step: string;
  steps: OperationStep[];
  error: string;
  started_at: string;
  ended_at: string | null;
}

/** A service; the keys of its state are systemd's. */
export interface Unit {
  Name: string;
  Description: string;
  LoadState: string;
  ActiveState: string;
  SubState: string;
  UnitFileState: string;
  package_identifier?: string;
  package_description?: string;
  nc_failed?: boolean;
}

/** The part of a journal entry that the interface shows. */
export interface JournalEntry {
  Cursor: string;
  RealtimeTimestamp: string;
  Message: string;
  Priority: string;
  SyslogIdentifier: string;
}

export interface JournalPage {
  entries: JournalEntry[];
  cursor: string;
  end_cursor: string;
}
