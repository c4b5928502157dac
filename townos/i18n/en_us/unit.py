"""Texts about units."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "unit.bus_lost": "the connection to systemd was lost; try again in a moment",
    "unit.bus_timeout": "systemd did not answer within %s seconds",
    "unit.cannot_stop_controller": "cannot stop systemcontroller",
    "unit.control_characters": "control characters are not allowed here",
    "unit.controller_runs": "systemcontroller runs already; it can only be restarted",
    "unit.enable_disable_not_allowed": "enable/disable not allowed",
    "unit.ended": "%s ended by itself right after its start",
    "unit.failed": "systemd: %s",
    "unit.foreign": "%s is not a service of this appliance",
    "unit.invalid_action": "%q: invalid status action",
    "unit.job_failed": "%s: the job ended with the result %s",
    "unit.line_too_long": "the service's definition has a line of more than %d bytes",
    "unit.no_bus": "systemd cannot be reached: %s",
    "unit.no_absolute_path": "a command must begin with an absolute path",
    "unit.not_found": "%s: no such unit",
    "unit.restarted": "%s stopped right after its start and was restarted",
    "unit.stopped": "%s stopped right after its start (%s, exit status %d)",
}
