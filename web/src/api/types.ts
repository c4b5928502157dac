/** Short names for the objects of the HTTP interface; their shapes come from its description (`make api-types`). */

import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type SignedIn = Schemas["Authenticated"];
export type NewAccount = Required<Schemas["CreateAccount"]>;

/** Without a valid token there are only `status` and `needs_setup`. */
export type Ping = Schemas["Ping"];
export type SpaceThresholds = Schemas["SpaceThresholds"];
export type FullVolume = Schemas["FullVolume"];
export type DiskUsage = Schemas["Disk"];

/** A part of a list and its place in the whole. */
export type Page<Entry> = Omit<Schemas["Page_FilesystemObject_"], "entries"> & { entries: Entry[] };

export type PackageEntry = Schemas["PackageEntry"];
export type PackageGroup = Schemas["GroupObject"];
export type PackageIdentity = Schemas["Identity"];
export type Upgrade = Schemas["UpgradeObject"];
export type Question = Schemas["QuestionObject"];
export type Questions = Record<string, Question>;
export type Answers = Record<string, string>;
/** A volume of a package that is about to be installed. */
export type Volume = Schemas["VolumeObject"];
export type PortMapping = Schemas["PortObject"];
export type VirtualMachine = Schemas["VmObject"];
export type InstallPreview = Schemas["PreviewObject"];
export type InstalledInfo = Schemas["InfoObject"];
export type NoteType = NonNullable<InstalledInfo["note_types"]>[string];
/** The data of a package, by the versions that it belongs to. */
export type KeptVersions = Schemas["KeptObject"];

/** A volume on the disk, in bytes. Only those of packages have an `internal_name`. */
export type Filesystem = Schemas["FilesystemObject"];
export type VolumeState = Filesystem["state"];
export type Snapshot = Schemas["SnapshotObject"];
export type SnapshotReason = Snapshot["reason"];
export type SnapshotEntry = Schemas["EntryObject"];
export type VmImage = Schemas["ImageObject"];

export type Setting = Schemas["Setting"];
export type Repository = Schemas["RepositoryObject"];

export type Operation = Schemas["OperationObject"];
export type OperationState = Operation["state"];
export type OperationStep = Schemas["StepObject"];
export type StepState = OperationStep["state"];

/** A service; the keys of its state are systemd's. */
export type Unit = Schemas["UnitObject"];
export type JournalEntry = Schemas["JournalEntry"];
export type JournalPage = Schemas["TailObject"];

/** The form of an upload: its texts, and the names of all its parts. */
export type UploadFields = Schemas["UploadFields"];
export type UploadPart = keyof paths["/storage/upload-archive"]["post"]["requestBody"]["content"]["multipart/form-data"];
export type DownloadRequest = Schemas["DownloadArchive"];

/** A message as data. */
export type Message = Schemas["Message"];
export type Param = Message["params"][number];
/** What is wrong with one input. An older appliance does not send the message as data. */
export type FieldProblem = Pick<Schemas["FieldProblem"], "name" | "error"> & Partial<Message>;
