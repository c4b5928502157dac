"""The entry of the executable: refuse a Python that the bundled libraries were not built for, then hand over."""

import sys
from importlib.util import find_spec


def main() -> None:
    """Run the command line of this process."""
    if find_spec("msgspec") is None or find_spec("msgspec._core") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"townos: this executable was not built for Python {version} on this machine; start it with python3.11"
        )
    from townos.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
