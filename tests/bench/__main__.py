"""Runs every measurement and prints what it found beside its aim. `python -m tests.bench [NAME …]`."""

import sys
from collections.abc import Callable
from typing import Final

from tests.bench import archives, browsing, catalogue, http, memory, start, volumes

MEASUREMENTS: Final[dict[str, Callable[[], None]]] = {
    "start": start.measure,
    "http": http.measure,
    "memory": memory.measure,
    "catalogue": catalogue.measure,
    "browsing": browsing.measure,
    "archives": archives.measure,
    "volumes": volumes.measure,
}


def main() -> None:
    """Run the named measurements, or all."""
    for name in sys.argv[1:] or list(MEASUREMENTS):
        print(f"\n## {name}", flush=True)
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main()
