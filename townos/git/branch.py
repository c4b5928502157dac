"""The one gate for names of branches."""

import re
from typing import Final, Self

from townos.errors import Invalid
from townos.limits import GIT_BRANCH_MAX_BYTES

_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029~^:?*\[\\]|\.\.|@\{|//")


class BranchName(str):
    """The short name of a branch, without `refs/heads/`. The rules are those of git-check-ref-format(1), `--branch`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checked name. Raises `Invalid`."""
        if not text:
            raise Invalid("git.branch_empty")
        too_long = len(text.encode(errors="replace")) > GIT_BRANCH_MAX_BYTES
        if too_long or _FORBIDDEN.search(text) or text in {"@", "HEAD"} or text[0] in "-/" or text[-1] in "./":
            raise Invalid("git.branch_invalid", text)
        if any(part.startswith(".") or part.endswith(".lock") for part in text.split("/")):
            raise Invalid("git.branch_invalid", text)
        return cls(text)
