"""The subcommands of `run`: just those of the specification, each option spelled as git spells it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import FileStatus, SortMode

from townos.errors import Invalid
from townos.git.errors import GitNotFound
from townos.git.native import history

_COUNT: Final = re.compile(r"(?:-n?|--max-count=)([0-9]+)")
_PLACEHOLDER: Final = re.compile(r"%(?:a[neIt]|c[neIt]|[HhTPsbBn%])")

Command = Callable[[pygit2.Repository, Sequence[str]], str]


def run(repo: pygit2.Repository, args: Sequence[str]) -> str:
    """Dispatch one subcommand and return its output without the last newline. Raises `Invalid` for any other."""
    if not args or args[0] not in COMMANDS:
        raise Invalid("git.unknown_command", args[0] if args else "")
    return COMMANDS[args[0]](repo, args[1:])


def _config(repo: pygit2.Repository, args: Sequence[str]) -> str:
    match args:
        case ["--list" | "-l"]:
            return "\n".join(f"{entry.name}={entry.value}" for entry in repo.config)
        case ["--unset", key]:
            _setting(repo, key)
            del repo.config[key]
            return ""
        case ["--get", key] | [key] if not key.startswith("-"):
            return _setting(repo, key)
        case [key, value] if not key.startswith("-"):
            repo.config[key] = value
            return ""
    raise Invalid("git.bad_option", "config", " ".join(args))


def _setting(repo: pygit2.Repository, key: str) -> str:
    if key not in repo.config:
        raise GitNotFound("git.setting_missing", key)
    return repo.config[key] or ""


def _branch(repo: pygit2.Repository, args: Sequence[str]) -> str:
    match args:
        case []:
            return _branches(repo)
        case ["--show-current"]:
            return "" if repo.head_is_detached else history.current_branch(repo)
        case ["-r"]:
            return "\n".join(f"  {name}" for name in sorted(repo.branches.remote))
        case ["-d" | "-D" as option, name]:
            _delete_branch(repo, name, force=option == "-D")
            return ""
        case [name, *start] if not name.startswith("-") and len(start) <= 1:
            commit = history.resolve(repo, start[0] if start else "HEAD").peel(pygit2.Commit)
            repo.branches.local.create(name, commit)
            return ""
    raise Invalid("git.bad_option", "branch", " ".join(args))


def _branches(repo: pygit2.Repository) -> str:
    lines = []
    if repo.head_is_detached:
        lines.append(f"* (HEAD detached at {_short(repo, repo.head.target)})")
    current = None if repo.head_is_detached else history.current_branch(repo)
    lines += [f"{'*' if name == current else ' '} {name}" for name in sorted(repo.branches.local)]
    return "\n".join(lines)


def _delete_branch(repo: pygit2.Repository, name: str, *, force: bool) -> None:
    branch = repo.branches.local.get(name)
    if branch is None:
        raise GitNotFound("git.ref_not_found", name, Path(repo.workdir).name)
    merged = branch.target == repo.head.target or repo.descendant_of(repo.head.target, branch.target)
    if branch.is_checked_out() or not (force or merged):
        raise Invalid("git.bad_option", "branch", f"-d {name}")
    branch.delete()


def _rev_parse(repo: pygit2.Repository, args: Sequence[str]) -> str:
    match args:
        case ["--abbrev-ref", "HEAD"]:
            return "HEAD" if repo.head_is_detached else history.current_branch(repo)
        case ["--abbrev-ref", ref]:
            return _reference_name(repo, ref)
        case ["--short", ref]:
            return _short(repo, history.resolve(repo, ref).id)
        case ["--verify", ref] | [ref] if not ref.startswith("-"):
            return str(history.resolve(repo, ref).id)
    raise Invalid("git.bad_option", "rev-parse", " ".join(args))


def _reference_name(repo: pygit2.Repository, ref: str) -> str:
    try:
        return repo.resolve_refish(ref)[1].shorthand
    except (KeyError, ValueError, AttributeError):
        raise GitNotFound("git.ref_not_found", ref, Path(repo.workdir).name) from None


@dataclass(slots=True)
class _LogOptions:
    limit: int | None = None
    form: str | None = None
    start: str = "HEAD"

    def read(self, word: str, rest: list[str]) -> None:
        """Take one option, and its value from the rest if it has one."""
        if word in {"-n", "--max-count"} and rest:
            self.limit = _number(rest.pop(0))
        elif found := _COUNT.fullmatch(word):
            self.limit = _number(found[1])
        elif word == "--oneline":
            self.form = "%h %s"
        elif word.startswith(("--format=", "--pretty=format:")):
            self.form = word.partition("=")[2].removeprefix("format:")
        elif not word.startswith("-"):
            self.start = word
        else:
            raise Invalid("git.bad_option", "log", word)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise Invalid("git.bad_option", "log", text)
    return int(text)


def _log(repo: pygit2.Repository, args: Sequence[str]) -> str:
    options, rest = _LogOptions(), list(args)
    while rest:
        options.read(rest.pop(0), rest)
    first = history.resolve(repo, options.start).peel(pygit2.Commit)
    commits = islice(repo.walk(first.id, SortMode.TOPOLOGICAL | SortMode.TIME), options.limit)
    if options.form is None:
        return "\n\n".join(_long(commit) for commit in commits)
    return "\n".join(_formatted(repo, commit, options.form) for commit in commits)


def _when(who: pygit2.Signature) -> datetime:
    return datetime.fromtimestamp(who.time, timezone(timedelta(minutes=who.offset)))


def _long(commit: pygit2.Commit) -> str:
    author = commit.author
    message = "\n".join(f"    {line}" if line else "" for line in commit.message.rstrip("\n").split("\n"))
    date = _when(author).strftime("%a %b %-d %H:%M:%S %Y %z")
    return f"commit {commit.id}\nAuthor: {author.name} <{author.email}>\nDate:   {date}\n\n{message}"


def _formatted(repo: pygit2.Repository, commit: pygit2.Commit, form: str) -> str:
    subject, _, body = commit.message.lstrip("\n").partition("\n")
    fields = {
        "%H": str(commit.id),
        "%h": _short(repo, commit.id),
        "%T": str(commit.tree_id),
        "%P": " ".join(str(parent) for parent in commit.parent_ids),
        "%an": commit.author.name,
        "%ae": commit.author.email,
        "%aI": _when(commit.author).isoformat(),
        "%at": str(commit.author.time),
        "%cn": commit.committer.name,
        "%ce": commit.committer.email,
        "%cI": _when(commit.committer).isoformat(),
        "%ct": str(commit.committer.time),
        "%s": subject,
        "%b": body.lstrip("\n"),
        "%B": commit.message,
        "%n": "\n",
        "%%": "%",
    }
    return _PLACEHOLDER.sub(lambda found: fields[found.group()], form)


def _short(repo: pygit2.Repository, oid: pygit2.Oid | str) -> str:
    return repo[oid].short_id


_INDEX_LETTERS: Final = {
    FileStatus.INDEX_NEW: "A",
    FileStatus.INDEX_MODIFIED: "M",
    FileStatus.INDEX_DELETED: "D",
    FileStatus.INDEX_RENAMED: "R",
    FileStatus.INDEX_TYPECHANGE: "T",
}
_TREE_LETTERS: Final = {
    FileStatus.WT_MODIFIED: "M",
    FileStatus.WT_DELETED: "D",
    FileStatus.WT_RENAMED: "R",
    FileStatus.WT_TYPECHANGE: "T",
}


def _status(repo: pygit2.Repository, args: Sequence[str]) -> str:
    if list(args) not in ([], ["--porcelain"], ["--short"], ["-s"]):
        raise Invalid("git.bad_option", "status", " ".join(args))
    states = repo.status(untracked_files="normal", ignored=False)
    tracked = [f"{_letters(state)} {path}" for path, state in sorted(states.items()) if state != FileStatus.WT_NEW]
    untracked = [f"?? {path}" for path, state in sorted(states.items()) if state == FileStatus.WT_NEW]
    return "\n".join(tracked + untracked)


def _letters(state: int) -> str:
    if state & FileStatus.CONFLICTED:
        return "UU"
    index = next((letter for flag, letter in _INDEX_LETTERS.items() if state & flag), " ")
    return index + next((letter for flag, letter in _TREE_LETTERS.items() if state & flag), " ")


COMMANDS: Final[Mapping[str, Command]] = {
    "config": _config,
    "branch": _branch,
    "rev-parse": _rev_parse,
    "log": _log,
    "status": _status,
}
