"""The command line: `townos serve` and the tools around it."""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial

from townos import __version__
from townos.app.configuration import add_serve_arguments, configuration
from townos.author.arguments import add_check_arguments, add_template_arguments
from townos.errors import TownError


def run(argv: Sequence[str]) -> int:
    """Carry out one command and return the exit status. Mistakes of the caller go to standard error with status 2."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except TownError as error:
        sys.stderr.write(f"townos: {error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="townos", description="A self-hosted cloud for people at home.")
    parser.add_argument("--version", action="version", version=f"townos {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the appliance")
    add_serve_arguments(serve)
    serve.set_defaults(command=_serve)
    openapi = commands.add_parser("openapi", help="print the description of the HTTP interface as JSON")
    openapi.set_defaults(command=_openapi)
    template = commands.add_parser("template", help="print what a package's template becomes")
    add_template_arguments(template)
    template.set_defaults(command=_template)
    check = commands.add_parser("check", help="see whether the packages of a repository can be installed")
    add_check_arguments(check)
    check.set_defaults(command=_check)
    return parser


def _serve(arguments: argparse.Namespace) -> int:
    import trio

    from townos.app import logs
    from townos.app.serve import serve

    decided = configuration(arguments, os.environ)
    logs.configure(decided.log_level)
    trio.run(partial(serve, decided, os.environ))
    return 0


def _template(arguments: argparse.Namespace) -> int:
    from townos.author.templates import template

    return template(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from townos.author.check import check

    return check(arguments)


def _openapi(_arguments: argparse.Namespace) -> int:
    from townos.app.http import openapi_document

    sys.stdout.write(openapi_document().decode())
    return 0
