"""Town OS: a self-hosted cloud for people at home, in one Trio process."""

from typing import Final

__version__: Final = "0.1.0"
