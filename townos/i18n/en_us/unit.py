"""Texts about units."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "unit.bus_lost": "the connection to systemd was lost; try again in a moment",
    "unit.bus_timeout": "systemd did not answer within %s",
    "unit.cannot_stop_controller": "cannot stop systemcontroller",
    "unit.control_characters": "control characters are not allowed here",
    "unit.controller_runs": "systemcontroller is already running; it can only be restarted",
    "unit.enable_disable_not_allowed": "enable/disable not allowed",
    "unit.ended": "%s started, but ended by itself at once",
    "unit.failed": "systemd: %s",
    "unit.foreign": "%s is not a service of this appliance",
    "unit.invalid_action": "%q: invalid status action",
    "unit.job_failed": "%s: the job ended with the result %s",
    "unit.line_too_long": "the service's definition has a line longer than %s",
    "unit.no_bus": "systemd cannot be reached: %s",
    "unit.no_absolute_path": "a command must begin with an absolute path",
    "unit.not_found": "%s: no such unit",
    "unit.restarted": "%s started, but stopped again at once",
    "unit.stopped": "%s started, but stopped again at once (%s, exit status %d)",
}
