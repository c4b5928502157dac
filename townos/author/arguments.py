"""What the author's commands are told. Apart from them, so that starting the appliance loads none."""

import argparse
from pathlib import Path


def add_template_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the template")
    what.add_argument("--json-lines", action="store_true", help="render one template for each line of standard input")
    parser.add_argument("--data", type=Path, metavar="FILE.json", help="Responses, Package and System, as an object")


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a package repository, or one .yaml file in it")
