"""Every limit and timeout of the program, with its unit, in one place, a section for each room."""

from typing import Final

# names and texts (characters)
NAME_MAX_CHARS: Final = 128
UNIT_NAME_MAX_CHARS: Final = 255  # systemd refuses longer ones (UNIT_NAME_MAX is 256 with the final NUL)

# child processes
PROCESS_STDERR_TAIL_BYTES: Final = 8_192
PROCESS_OUTPUT_MAX_BYTES: Final = 64 * 1024 * 1024
PROCESS_KILL_GRACE_SECONDS: Final = 5.0

# database
DATABASE_BUSY_TIMEOUT_SECONDS: Final = 10.0
DATABASE_READERS: Final = 3

# supervision
RESTART_BACKOFF_FIRST_SECONDS: Final = 1.0
RESTART_BACKOFF_MAX_SECONDS: Final = 60.0
RESTART_BACKOFF_RESET_SECONDS: Final = 300.0
SHUTDOWN_GRACE_SECONDS: Final = 5.0
WATCHDOG_INTERVALS_PER_TIMEOUT: Final = 3
