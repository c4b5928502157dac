"""What could not be brought up, and why, for the status page."""

from townos.names import PackageId


class Troubles:
    """Remembers the reason of each package that did not come up, until it is put right or gone."""

    def __init__(self) -> None:
        self._reasons: dict[PackageId, str] = {}

    def note(self, package: PackageId, reason: str) -> None:
        """Remember that a package is down against the will of its owner."""
        self._reasons[package] = reason

    def settle(self, package: PackageId) -> None:
        """Forget a package's trouble: it runs, it need not, or it is gone."""
        self._reasons.pop(package, None)

    def reasons(self) -> dict[str, str]:
        """Return package and reason for each one in trouble."""
        return {str(package): reason for package, reason in self._reasons.items()}
