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
  disk_usage?: DiskUsage;
  full_volumes?: FullVolume[];
  upgrades_available?: number;
  upgrades_dismissed?: boolean;
}

/** A volume that has used nearly all that it may, in bytes. */
export interface FullVolume {
  name: string;
  internal_name?: string;
  quota: number;
  referenced: number;
}

/** In bytes. */
export interface DiskUsage {
  total: number;
  used: number;
  available: number;
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
  changed?: boolean;
  error?: string;
}

/** The packages of one repository. */
export interface PackageGroup {
  repo: string;
  packages: PackageIdentity[];
  featured?: string[];
}

/** An installed package that could be another version, or whose own has changed. */
export interface Upgrade {
  repo: string;
  name: string;
  installed_version: string;
  latest_version: string;
  changed: boolean;
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

export interface VirtualMachine {
  image: string;
  memory?: string;
  cpus?: number;
}

export interface InstallPreview extends PackageIdentity {
  description?: string;
  upgrading_from?: string;
  vm?: VirtualMachine;
  disk_usage?: DiskUsage;
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
  has_git?: boolean;
  disabled?: boolean;
}

/** The data of a package, by the versions that it belongs to. */
export interface KeptVersions {
  has_uninstalled_volumes: boolean;
  uninstalled_versions?: string[];
  installed_versions?: string[];
}

export type VolumeState = "user" | "installed" | "uninstalled";

/**
 * A volume on the disk. Only those of packages have an `internal_name`.
 *
 * In bytes: `quota`, 0 for none; `referenced`, all that is in it; `exclusive`, what no snapshot shares.
 */
export interface Filesystem {
  name: string;
  internal_name?: string;
  quota: number;
  referenced: number;
  exclusive: number;
  state?: VolumeState;
}

export type SnapshotReason = "user" | "upgrade" | "upload" | "uninstall";

/** A volume as it was at a moment; `referenced` and `exclusive` as those of a volume. */
export interface Snapshot {
  id: string;
  created_at: string;
  reason: SnapshotReason;
  referenced: number;
  exclusive: number;
}

/** Something in a folder of a snapshot; `size` in bytes. */
export interface SnapshotEntry {
  name: string;
  type: "file" | "directory" | "link" | "other";
  size: number;
  mtime: string;
}

/** A disk image of virtual machines; `size` in bytes. */
export interface VmImage {
  name: string;
  size: number;
}

export interface Setting {
  key: string;
  value: string;
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
  /** What did not work without stopping the operation. */
  warnings?: string[];
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
