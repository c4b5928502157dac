"""Which installed packages could not be started, and why, for the status page."""

from townos.i18n import Term
from townos.names import PackageId


class StartFailures:
    """Remembers why a package could not be started, until it runs, need not run, or is gone."""

    def __init__(self) -> None:
        self._reasons: dict[PackageId, Term] = {}

    def record(self, package: PackageId, reason: Term) -> None:
        """Remember why a package is down that its owner wants to run."""
        self._reasons[package] = reason

    def clear(self, package: PackageId) -> None:
        """Forget a package's failure, if there is one."""
        self._reasons.pop(package, None)

    def reasons(self) -> dict[str, Term]:
        """Return the reason by package, written `repo/name@version`."""
        return {str(package): reason for package, reason in self._reasons.items()}
