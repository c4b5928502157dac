"""Every limit and timeout of the program, with its unit, in one place, a section for each room."""

from typing import Final

# names and texts (characters)
NAME_MAX_CHARS: Final = 128
REDACTED_TEXT_MAX_CHARS: Final = 65_536  # of one text that is told or logged, after which it is cut
UNIT_NAME_MAX_CHARS: Final = 255  # systemd refuses longer ones (UNIT_NAME_MAX is 256 with the final NUL)

# child processes
PROCESS_STDERR_TAIL_BYTES: Final = 8_192
PROCESS_OUTPUT_MAX_BYTES: Final = 64 * 1024 * 1024
PROCESS_KILL_GRACE_SECONDS: Final = 5.0
TERMINAL_ROWS: Final = 50
TERMINAL_COLUMNS: Final = 200  # with fewer, programs leave out of a line what does not fit

# database
DATABASE_BUSY_TIMEOUT_SECONDS: Final = 10.0
DATABASE_READERS: Final = 3
DATABASE_RESERVE_BYTES: Final = 4 * 1024 * 1024  # some thousand entries; SQLite empties its log at this size
RESERVE_CONTENT_BYTES: Final = 32 * 1024 * 1024
RESERVE_ATTRIBUTES: Final = 2048
RESERVE_ATTRIBUTE_BYTES: Final = 8_100  # two of them fill a metadata block of 16 KiB; all together it is 16 MiB

# supervision
RESTART_BACKOFF_FIRST_SECONDS: Final = 1.0
RESTART_BACKOFF_MAX_SECONDS: Final = 60.0
RESTART_BACKOFF_RESET_SECONDS: Final = 300.0
SHUTDOWN_GRACE_SECONDS: Final = 5.0  # for requests that are being answered when the process is stopped
SHUTDOWN_CLEANUP_SECONDS: Final = 12.0  # after that, for all clean-up together
SHUTDOWN_MAX_SECONDS: Final = 25.0  # from the signal to the end, even if a thread hangs; TimeoutStopSec is longer
CLEANUP_TIMEOUT_SECONDS: Final = 10.0  # to undo or delete something after a failure or a cancellation
DELETION_THREADS: Final = 4  # that delete what failed halfway, or what nobody wants any more
NOTIFY_TIMEOUT_SECONDS: Final = 5.0
WATCHDOG_INTERVALS_PER_TIMEOUT: Final = 3

# logging
LOG_FIELD_MAX_BYTES: Final = 48 * 1024  # a whole entry stays below the socket's usual datagram limit of 208 KiB

# operations
OPERATIONS_CONCURRENT: Final = 3  # different packages; a home machine has few cores and one disk
OPERATION_HISTORY_MAX: Final = 500
OPERATION_ATTEMPTS_MAX: Final = 3  # starts of the process at which a failed operation is tried again
OPERATION_PLANNING_ATTEMPTS_MAX: Final = 8  # each time another operation has changed what the plan was made from
OPERATION_PROGRESS_INTERVAL_SECONDS: Final = 0.2
OPERATION_WATCHERS_MAX: Final = 128
OPERATION_EVENTS_PENDING_MAX: Final = 256  # changes kept for one slow watcher
OPERATION_SEQUENCE_GAP: Final = 1_000_000  # skipped at a start: progress, which is not recorded, used up some numbers
OPERATION_RETRY_AFTER_SECONDS: Final = 5
OPERATION_WARNINGS_MAX: Final = 20  # of one step

# accounts and sessions
PASSWORD_MIN_BYTES: Final = 8
PASSWORD_MAX_BYTES: Final = 1_024
PASSWORD_HASHES_AT_ONCE: Final = 2  # each needs 64 MiB
PASSWORD_HASHES_WAITING: Final = 16
PASSWORD_HASH_RETRY_SECONDS: Final = 2
CONTACT_MAX_CHARS: Final = 254  # the longest address that SMTP can carry (RFC 5321); phone and name alike
ACCOUNTS_MAX: Final = 10_000
SESSION_IDLE_SECONDS: Final = 7 * 24 * 3_600
SESSION_LAST_USED_WRITE_SECONDS: Final = 60
SESSION_CLEANUP_INTERVAL_SECONDS: Final = 3_600
SESSIONS_PER_ACCOUNT_MAX: Final = 1_000
TOKEN_MAX_CHARS: Final = 4_096
SIGNING_KEY_BYTES: Final = 32
LOGIN_FAILURES_MAX: Final = 10
LOGIN_FAILURES_WINDOW_SECONDS: Final = 60
LOGIN_BLOCK_SECONDS: Final = 60
LOGIN_SOURCES_MAX: Final = 4_096
SOURCE_NAME_MAX_CHARS: Final = 64  # of a source that is no address

# audit log
AUDIT_ROWS_MAX: Final = 100_000
AUDIT_ANONYMOUS_ROWS_MAX: Final = 20_000  # strangers must not push out what people did
AUDIT_TRIM_EVERY_ROWS: Final = 500
AUDIT_NAME_MAX_CHARS: Final = 256
AUDIT_PATH_MAX_CHARS: Final = 2_048
AUDIT_DETAIL_MAX_CHARS: Final = 4_096
AUDIT_ERROR_MAX_CHARS: Final = 2_048
AUDIT_PAGE_DEFAULT_ROWS: Final = 50
AUDIT_PAGE_MAX_ROWS: Final = 200
AUDIT_RECENT_SECONDS: Final = 300

# settings and quantities
SETTINGS_MAX_ROWS: Final = 1_000
SETTING_DURATION_MAX_SECONDS: Final = 7 * 24 * 3_600
SETTING_WATCH_MAX_SECONDS: Final = 600
ALLOWED_HOSTS_MAX: Final = 64
QUANTITY_BYTES_MAX: Final = 2**63 - 1

# status
STATUS_PART_TIMEOUT_SECONDS: Final = 5.0
EXTERNAL_ADDRESS_INTERVAL_SECONDS: Final = 3_600
EXTERNAL_ADDRESS_RETRY_FIRST_SECONDS: Final = 60
EXTERNAL_ADDRESS_THREADS: Final = 1  # one that hangs in the look-up of a name holds up the next attempt only
EXTERNAL_ADDRESS_TIMEOUT_SECONDS: Final = 10.0
EXTERNAL_ADDRESS_MAX_BYTES: Final = 65_536

# boot
BOOT_RETRY_AFTER_SECONDS: Final = 5

# git
GIT_CONNECT_TIMEOUT_SECONDS: Final = 10.0
GIT_SILENCE_TIMEOUT_SECONDS: Final = 10.0  # a server that packs sends a keep-alive every 5 s; also bounds a cancel
GIT_CLONE_TIMEOUT_SECONDS: Final = 300.0
GIT_FETCH_TIMEOUT_SECONDS: Final = 120.0
GIT_LOCAL_TIMEOUT_SECONDS: Final = 60.0
GIT_THREADS: Final = 4
GIT_STOP_POLL_SECONDS: Final = 0.05
GIT_STOP_GRACE_SECONDS: Final = 11.0  # more than the silence timeout: only a trickling server is left behind
GIT_OBJECT_CACHE_BYTES: Final = 4 * 1024 * 1024  # libgit2's own default is 256 MiB
GIT_MAPPED_LIMIT_BYTES: Final = 64 * 1024 * 1024
GIT_RECEIVED_MAX_BYTES: Final = 256 * 1024 * 1024  # in one conversation about a package repository
GIT_RECEIVED_MAX_OBJECTS: Final = 500_000
GIT_TREE_MAX_ENTRIES: Final = 100_000  # files and directories of one commit; bounds the memory that comparing takes
GIT_TREE_MAX_BYTES: Final = 512 * 1024 * 1024  # of all files of one commit
GIT_DIRECTORY_MAX_BYTES: Final = 16 * 1024 * 1024  # of one tree object
GIT_VOLUME_RECEIVED_MAX_BYTES: Final = 2 * 1024 * 1024 * 1024  # in one conversation about a volume's content
GIT_VOLUME_RECEIVED_MAX_OBJECTS: Final = 1_000_000  # libgit2 keeps some hundred bytes of memory for each
GIT_VOLUME_TREE_MAX_ENTRIES: Final = 250_000
GIT_VOLUME_TREE_MAX_BYTES: Final = 4 * 1024 * 1024 * 1024  # the volume's quota limits it too
GIT_FILE_MAX_BYTES: Final = 512 * 1024 * 1024  # of one file: libgit2 has all of it in memory
GIT_METADATA_MAX_BYTES: Final = 64 * 1024 * 1024  # of one file in .git that is no object
GIT_METADATA_MAX_ENTRIES: Final = 1_000_000  # files and directories in .git
GIT_RULES_MAX_BYTES: Final = 1024 * 1024  # of a .gitignore and its like in a volume
GIT_DEPTH_MAX: Final = 500  # directories inside one another in a volume that is brought up to date
GIT_BRANCH_MAX_BYTES: Final = 244  # with its directories and ".lock" it is still one file name
GIT_PATH_MAX_BYTES: Final = 4_095  # PATH_MAX without the final NUL
GIT_REASON_MAX_CHARS: Final = 300
GIT_CREDENTIAL_TRIES: Final = 1
GIT_CHECKOUT_BATCH_FILES: Final = 500
GIT_STALE_LOCK_SECONDS: Final = 600.0  # a lock file this old was left by a crash

# repositories
REPOSITORY_REFRESH_SECONDS: Final = 300.0
REPOSITORY_REFRESHES_AT_ONCE: Final = 4
REPOSITORY_LOCK_TIMEOUT_SECONDS: Final = 10.0
REPOSITORY_CHANGE_TIMEOUT_SECONDS: Final = 60.0  # to swap a checkout and write the list, once begun
REPOSITORY_LOCK_RETRY_SECONDS: Final = 0.05
REPOSITORY_PROBLEMS_SHOWN: Final = 10  # of one repository, in its error text
REPOSITORY_FILE_MAX_BYTES: Final = 1024 * 1024
CATALOGUE_THREADS: Final = 1
CATALOGUE_REST_SECONDS: Final = 0.00005  # after each manifest; half a second for ten thousand
CATALOGUE_BATCH_FILES: Final = 200
CATALOGUE_MANIFESTS_MAX: Final = 50_000  # of one repository; the packages that come after them are left out
CATALOGUE_SETTLED_NANOSECONDS: Final = 50_000_000  # some ticks of the clock that the kernel stamps files with
MANIFEST_MAX_BYTES: Final = 1024 * 1024
MANIFEST_THREADS: Final = 2
FEATURED_MAX_BYTES: Final = 1024 * 1024

# HTTP: input (characters, unless the name says otherwise)
NAME_INPUT_MAX_CHARS: Final = 128
PASSWORD_MAX_CHARS: Final = 1_024
URL_MAX_CHARS: Final = 2_048
TEXT_MAX_CHARS: Final = 65_536
INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**63 - 1
JSON_BODY_MAX_BYTES: Final = 1024 * 1024
JSON_DEPTH_MAX: Final = 32  # objects and arrays inside one another
PAGE_DEFAULT_ENTRIES: Final = 20

# HTTP: connections
BODY_WINDOW_BYTES: Final = 256 * 1024  # of an upload that its handler has not taken yet; then the socket is not read
JSON_BODY_TIMEOUT_SECONDS: Final = 60
UPLOAD_CHUNK_TIMEOUT_SECONDS: Final = 60
UPLOAD_PLANNING_TIMEOUT_SECONDS: Final = 60.0  # until the operation that merges an upload is recorded
SEND_TIMEOUT_SECONDS: Final = 30  # a reader that takes nothing for so long is gone
KEEP_ALIVE_SECONDS: Final = 5  # idle, silent and half-sent requests alike
LINGER_SECONDS: Final = 2.0  # for a client that is still sending to read an early refusal
LINGER_MAX_BYTES: Final = 4 * 1024 * 1024
RECEIVE_BYTES: Final = 64 * 1024  # at a time
RECEIVE_BULK_BYTES: Final = 256 * 1024  # at a time where so much comes that each receive is full
LISTEN_BACKLOG: Final = 128
CONNECTIONS_PER_SOURCE_MAX: Final = 128
CONNECTIONS_MAX: Final = 512  # half of the usual limit of open files, so that the rest of the program has some left
PLACE_RETRY_AFTER_SECONDS: Final = 10  # when all that may stay at a time are there
FORM_FIELD_MAX_BYTES: Final = 65_536
FORM_FIELDS_MAX: Final = 16
FORM_OVERHEAD_MAX_BYTES: Final = 2 * 1024 * 1024  # all fields, and the lines between the parts
STREAM_HEARTBEAT_SECONDS: Final = 1.0
STREAM_SESSION_CHECK_SECONDS: Final = 1.0  # so much longer than its session may a stream last
COMPRESSED_FROM_BYTES: Final = 1_024  # below it, compression saves no packet
FILE_CHUNK_BYTES: Final = 256 * 1024
ORIGINS_PARSED_KEPT: Final = 256
ORIGIN_MAX_AGE_SECONDS: Final = 3_600
AUDIT_WRITE_TIMEOUT_SECONDS: Final = 5.0

# templates
TEMPLATE_OUTPUT_MAX_BYTES: Final = 16 * 1024 * 1024
TEMPLATE_TEXT_MAX_BYTES: Final = 16 * 1024 * 1024  # of all that its functions make
TEMPLATE_DEPTH_MAX: Final = 1_000  # templates within one another
TEMPLATE_SECONDS_MAX: Final = 10
TEMPLATE_THREADS: Final = 2
TEMPLATES_SECONDS_MAX: Final = 20  # of all of a package together: other operations wait for its plan
TEMPLATE_LINES_OUTPUT_MAX_BYTES: Final = 256 * 1024 * 1024  # of one of many templates that an author compares
TEMPLATE_LINES_TEXT_MAX_BYTES: Final = 2 * 1024 * 1024 * 1024
TEMPLATE_LINES_DEPTH_MAX: Final = 100_000  # as in Go
TEMPLATE_LINES_SECONDS_MAX: Final = 300

# storage
USER_VOLUME_NAME_MAX_CHARS: Final = 128
VOLUME_DEPTH_MAX: Final = 16  # components of a volume's path
INNER_NAME_MAX_BYTES: Final = 255  # of a file in a volume: what btrfs holds
INNER_PATH_MAX_BYTES: Final = 4_095  # of a path inside a volume: what the kernel takes at once
INNER_PATH_DEPTH_MAX: Final = 100  # components of a path inside a volume
SNAPSHOTS_KEPT_MAX: Final = 100  # of one volume: quota groups of many snapshots make btrfs slow
SNAPSHOT_ENTRIES_SHOWN_MAX: Final = 20_000  # of one directory; a hundred bytes of the answer each
SNAPSHOT_BROWSE_TIMEOUT_SECONDS: Final = 20.0
SNAPSHOT_THREADS: Final = 2  # that look into snapshots
RESTORE_THREADS: Final = 3  # that copy out of snapshots
RESTORE_DEPTH_MAX: Final = 100  # directories inside one another in a path that is restored; each is open meanwhile
VOLUME_COPY_BYTES: Final = 64 * 1024 * 1024  # of one file between two looks whether to stop; btrfs copies nothing
RESTORE_ENTRY_BYTES: Final = 1_024  # of a name, an inode and where its content lies: what btrfs notes for each thing
QUOTA_SLACK_BYTES: Final = 32 * 1024 * 1024  # more than what old and new take together: the kernel reserves generously
VOLUME_CLEARING_TIMEOUT_SECONDS: Final = 600.0  # to delete what was replaced; the next one goes on with it
STORAGE_THREADS: Final = 2
SPACE_WATCH_INTERVAL_SECONDS: Final = 60.0
SPACE_RETURN_PERCENT: Final = 1  # so far below a threshold must come what was above it, to count as below
BTRFS_COMMAND_TIMEOUT_SECONDS: Final = 120.0

# archives
ARCHIVE_MEMBERS_MAX: Final = 1_000_000  # the highest value of the setting; their names are in memory while they pass
ARCHIVE_DEPTH_MAX: Final = 100  # directories inside one another; each is open while they are put into a volume
ARCHIVE_PATH_MAX_BYTES: Final = 4_000  # of a member's name and of a link's target; PATH_MAX is 4096
ARCHIVE_COMPONENT_MAX_BYTES: Final = 255  # NAME_MAX
ARCHIVE_EXTENSION_MAX_BYTES: Final = 1024 * 1024  # of the records before one member: attributes may be long
ARCHIVE_NAME_SHOWN_CHARS: Final = 200
ARCHIVE_CHUNK_BYTES: Final = 256 * 1024
ARCHIVE_PIPE_BYTES: Final = 1024 * 1024  # more than this only root may ask for (fs.pipe-max-size)
ARCHIVE_SPLICE_MIN_BYTES: Final = 64 * 1024  # of content that passes in the kernel: less comes with what is around it
ARCHIVE_XZ_MEMORY_BYTES: Final = 512 * 1024 * 1024  # more than "xz -9" needs on some cores
ARCHIVE_COMPLAINT_MAX_BYTES: Final = 8_192
ARCHIVE_FILE_NAME_MAX_CHARS: Final = 200  # of a download, without its extension
ARCHIVE_PATHS_MAX: Final = 1_000  # of one download
ARCHIVE_THREADS: Final = 4  # that look through what was uploaded, merge it, or roll that back

# containers
CONTAINER_PULL_TIMEOUT_SECONDS: Final = 3_600.0
CONTAINER_COMMAND_TIMEOUT_SECONDS: Final = 60.0
CONTAINER_STOP_SECONDS: Final = 10
CONTAINER_PULL_LINE_MAX_BYTES: Final = 8_192
CONTAINER_PULL_LINES_KEPT: Final = 20
CONTAINER_LAYER_MAX_BYTES: Final = 2**50  # one that is said to be larger is not believed
CONTAINER_CLEANUP_TIMEOUT_SECONDS: Final = 15.0
CONTAINER_COPY_TIMEOUT_SECONDS: Final = 1_800.0
CONTAINER_COPY_MAX_ENTRIES: Final = 1_000_000  # files and directories of one directory of an image
CONTAINER_COPY_DEPTH_MAX: Final = 100  # directories inside one another; each is open while it is copied
CONTAINER_COPY_CHUNK_BYTES: Final = 1024 * 1024
CONTAINER_COPY_THREADS: Final = 2
CONTAINER_PATH_STEPS_MAX: Final = 1_000  # names and links on the way to a directory of an image
CONTAINER_REASON_MAX_CHARS: Final = 500

# virtual machines
DOWNLOAD_CONNECT_TIMEOUT_SECONDS: Final = 15.0  # for a name, and for each address with its TLS handshake
DOWNLOAD_SILENCE_TIMEOUT_SECONDS: Final = 60.0
DOWNLOAD_REDIRECTS_MAX: Final = 10
DOWNLOAD_TRIES: Final = 5  # each but the first goes on where the one before it was interrupted
DOWNLOAD_WRITE_BYTES: Final = 1024 * 1024  # at a time
VM_DOWNLOAD_TIMEOUT_SECONDS: Final = 1_800.0
VM_CONVERSION_TIMEOUT_SECONDS: Final = 1_800.0
VM_CONVERSION_MEMORY_BYTES: Final = 1024**3  # a hostile image must not make qemu-img take all there is
VM_MEASURE_TIMEOUT_SECONDS: Final = 60.0
VM_COPY_TIMEOUT_SECONDS: Final = 1_800.0  # of a disk; on btrfs it takes no time
VM_DOWNLOAD_KEPT_SECONDS: Final = 24 * 3_600  # an interrupted download, so that it can go on
VM_SWEEP_INTERVAL_SECONDS: Final = 3_600.0
VM_HASH_BYTES: Final = 16 * 1024 * 1024  # at a time
VM_THREADS: Final = 2
VM_SHUTDOWN_SECONDS: Final = 60  # for the guest to shut itself down before it is switched off
VM_SWITCH_OFF_SECONDS: Final = 30  # for QEMU to write its buffers after SIGTERM

# packages
IMAGE_REFERENCE_MAX_CHARS: Final = 512
IMAGE_DIRECTORY_MAX_CHARS: Final = 1_024
ANSWER_MAX_CHARS: Final = 65_536
MANIFEST_TEXT_MAX_CHARS: Final = 65_536
MANIFEST_ENTRIES_MAX: Final = 1_000  # of one mapping or list
MANIFEST_NODES_MAX: Final = 50_000  # of the whole file; the parser needs some hundred bytes for each
MANIFEST_PAIRS_MAX: Final = 20_000  # of all mappings that are read; one that is merged counts wherever it is
MANIFEST_NAME_MAX_CHARS: Final = 256
MANIFEST_EXPANDED_MAX_CHARS: Final = 1024 * 1024  # of all texts that are read; one with aliases counts wherever it is
SUBSTITUTED_MAX_CHARS: Final = 1024 * 1024  # of all fields of a package with the answers put in
MANIFEST_ERRORS_MAX: Final = 100
MANIFEST_DEPTH_MAX: Final = 32  # mappings and lists inside one another
ID_MAX: Final = 2**32 - 2  # the highest uid and gid; 2**32 - 1 means "none"
VM_CPUS_MAX: Final = 512  # more than QEMU's own machines have
MOUNTPOINT_MAX_CHARS: Final = 1_024
ENVIRONMENT_VALUE_MAX_BYTES: Final = 128 * 1024 - 512  # the kernel's limit of one argument, MAX_ARG_STRLEN, less a name

# installations
RECORD_THREADS: Final = 2
DISK_RESERVE_SHARE: Final = 0.05  # of the disk, that quotas should leave alone
FAILURE_LOG_LINES: Final = 20
PACKAGES_STARTED_AT_ONCE: Final = 4  # at boot
SEEDING_TIMEOUT_SECONDS: Final = 3_600.0  # of all volumes of a package; a purge cannot be cancelled meanwhile
BOOT_SEEDING_TIMEOUT_SECONDS: Final = 300.0  # the same at boot, when everybody waits

# systemd
UNIT_LINE_MAX_BYTES: Final = 1_000_000  # systemd ignores a line of 1 MiB or more (LONG_LINE_MAX)
UNIT_FILE_THREADS: Final = 2
BUS_CALL_TIMEOUT_SECONDS: Final = 30.0
BUS_CONNECT_TIMEOUT_SECONDS: Final = 10.0
UNIT_JOB_TIMEOUT_SECONDS: Final = 200.0  # a stop may take systemd's 90 s and be followed by a start
UNIT_JOB_CHECK_SECONDS: Final = 5.0
UNIT_WATCH_SECONDS: Final = 0.2
BUS_SIGNALS_PENDING_MAX: Final = 10_000

# journal
JOURNAL_FOLLOWERS_MAX: Final = 32  # each is a child process
JOURNAL_LINES_DEFAULT: Final = 100
JOURNAL_LINES_MAX: Final = 10_000
JOURNAL_CHUNK_BYTES: Final = 64 * 1024
JOURNAL_LINE_MAX_BYTES: Final = 4 * 1024 * 1024  # a line as JSON; services' own lines have at most 48 KiB of text
JOURNAL_PAGE_MAX_CHARS: Final = 16 * 1024 * 1024  # of all entries together; the last one may go beyond
JOURNAL_TIME_MAX_SECONDS: Final = 253_402_300_799  # the end of the year 9999, the last that systemd can read
JOURNAL_CALL_TIMEOUT_SECONDS: Final = 60.0
