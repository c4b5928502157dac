"""Git without the git program: a small protocol, and libgit2 behind it in worker threads.

`client` is the protocol, `libgit2_client` its adapter, `native` the synchronous libgit2 code that runs in the threads
and is imported only when the first operation happens, `url` the one gate for addresses.
"""

from townos.git.client import GitClient
from townos.git.url import GitUrl

__all__ = ["GitClient", "GitUrl"]
