"""Packages as subjects of operations."""

from collections.abc import Callable, Sequence

from townos.names import PackageId
from townos.operations.kinds import Build, Plan, Step
from townos.operations.subject import Subject


def subject_of(package: PackageId) -> Subject:
    """Return the subject that a package is."""
    return Subject(str(package.repository), str(package.name), str(package.version))


def package_of(subject: Subject) -> PackageId:
    """Return the package that a subject is. Raises `Invalid` for one that cannot be a package's."""
    return PackageId.parse(subject.repo, subject.name, subject.version)


def on_package(build: Callable[[PackageId, Plan], Sequence[Step]]) -> Build:
    """Return what builds the steps of a kind whose subjects are packages."""

    def build_steps(subject: Subject, plan: Plan) -> Sequence[Step]:
        return build(package_of(subject), plan)

    return build_steps
