"""Random packages from the valid grammar of docs/packages.md, with the answers that they are installed with.

Nearly all of them compile. What their texts must become is written down beside them by whoever put them together, so
that substitution is compared with something other than itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from hypothesis import strategies as st

from townos.names import PackageId

ID: Final = PackageId.parse("core", "random", "1.0")
DIGEST: Final = "sha256:" + "0123456789abcdef" * 4
IMAGES: Final = ("nginx", "nginx:1.27", "user/app", "ghcr.io/a/b/c:1.2-x", f"quay.io/a/b@{DIGEST}", "localhost:5000/x")
FOLDERS: Final = ("/srv", "/data", "/mnt", "/var/lib/app", "/home/user")
UNITS: Final[Mapping[str, int]] = {"": 1, "mb": 1024**2, "GB": 1024**3, "tb": 1024**4}
SECONDS: Final[Mapping[str, int]] = {"": 1, "s": 1, "m": 60, "H": 3_600, "d": 86_400}

# Questions' names begin with Q, and no other text has one: what is not meant as a marker is none.
SPECIAL: Final = "\"'`%$\\@;#{}[]()<>|&*?!~=:,.-+^ /\u00a0\u2028äß日本\U0001f600e\u0301\u202eﷺ"
WORDS: Final = st.text(
    st.one_of(
        st.sampled_from(SPECIAL),
        st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="Q\u2028\u2029\ufeff"),
    ).filter(lambda character: character not in "\u2028\u2029"),
    max_size=12,
)
PLAIN: Final = st.text("abcxyz019", min_size=1, max_size=8)
LONG: Final = st.one_of(
    WORDS,
    st.lists(st.one_of(WORDS, st.sampled_from(["\n", "\t", "%n", "${HOME}", "$$", "\\n", "\\x41", "@nobody@"]))).map(
        "".join
    ),
)
"""Texts that may hold newlines and tabs, and what means something to systemd, a shell or this program."""

ANSWERS: Final[Mapping[str, st.SearchStrategy[tuple[str, str]]]] = {
    "": WORDS.filter(bool).map(lambda text: (text, text)),
    "secret": WORDS.filter(bool).map(lambda text: (text, text)),
    "hostname": st.text("aA0-", max_size=8).map(lambda text: (f"H{text}", f"h{text.lower()}")),
    "volume": st.text("aA0-_", min_size=1, max_size=8).map(lambda text: (text, text)),
    "archive": PLAIN.flatmap(
        lambda text: st.sampled_from([text + end for end in (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tbz2")])
    ).map(lambda text: (text, text)),
    "bytes": st.tuples(st.integers(1, 10**5), st.sampled_from(sorted(UNITS))).map(
        lambda amount: (f"{amount[0]}{amount[1]}", str(amount[0] * UNITS[amount[1]]))
    ),
    "duration": st.tuples(st.integers(0, 10**6), st.sampled_from(sorted(SECONDS))).map(
        lambda amount: (f"{amount[0]}{amount[1]}", str(amount[0] * SECONDS[amount[1]]))
    ),
}
"""For each type an answer and the value that it means; ports are handed out."""


@dataclass
class Written:
    """A manifest as a document, the answers, and what its texts become with them."""

    document: dict[str, Any]
    answers: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The file."""
        return yaml.safe_dump(self.document, allow_unicode=True, sort_keys=False).encode()

    @property
    def command(self) -> tuple[str, ...]:
        """The words that replace the image's own command."""
        return tuple(self.document.get("command", ()))


@dataclass
class _Author:
    """Writes one package; ports and the folders of volumes are handed out once each."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    written: Written
    ports: list[int]
    folders: int = 0

    def question(self, kind: str) -> str:
        """Ask a new question of a type; return its name."""
        name = f"Q{len(self.written.answers)}"
        answer, value = 2 * (str(self.ports.pop()),) if kind == "port" else self.draw(ANSWERS[kind])
        self.written.document["questions"][name] = {"query": self.draw(WORDS), "type": kind}
        if self.draw(st.booleans()):
            self.written.document["questions"][name]["default"] = answer
        self.written.answers[name], self.written.values[name] = answer, value
        return name

    def marker(self, kind: str) -> str:
        """Return a marker for a question of a type."""
        return f"@{self.question(kind)}@"

    def port(self) -> str:
        """Return a port that no other has, or a marker for one."""
        return self.marker("port") if self.draw(st.booleans()) else str(self.ports.pop())

    def mixed(self) -> tuple[str, str]:
        """Return a text with markers in it and what it becomes."""
        text = value = ""
        for _ in range(self.draw(st.integers(0, 3))):
            literal = self.draw(LONG)
            text, value = text + literal, value + literal
            if self.draw(st.booleans()):
                name = self.draw(st.sampled_from(sorted(self.written.values)))
                text, value = f"{text}@{name}@", value + self.written.values[name]
        return text, value

    def volume(self) -> dict[str, Any]:
        """Return what `volumes` says of one."""
        self.folders += 1
        place = f"{self.draw(st.sampled_from(FOLDERS))}/{self.folders}"
        volume: dict[str, Any] = {"mountpoint": place + self.draw(st.sampled_from(["", "/", " a'b\"%$", "/ü"]))}
        if self.draw(st.booleans()):
            volume["mountpoint"] = f"{place}/{self.marker('volume')}"
        optional = {
            "quota": lambda: self.draw(st.sampled_from(["", "1gb", "500MB", 0])) or self.marker("bytes"),
            "uid": lambda: self.draw(st.sampled_from([0, "33", 2**32 - 2])),
            "gid": lambda: self.draw(st.sampled_from([0, "33", 2**32 - 2])),
            "archive": lambda: self.marker("archive"),
            "git": self.git_url,
        }
        volume.update({name: make() for name, make in optional.items() if self.draw(st.booleans())})
        return volume

    def git_url(self) -> str:
        """Return the address of a repository."""
        host = self.draw(st.sampled_from(["git.example", "me@git.example:2222"]))
        if self.draw(st.booleans()):
            host = self.marker("hostname")
        return f"{self.draw(st.sampled_from(['https', 'http', 'ssh', 'git']))}://{host}/{self.draw(PLAIN)}.git"

    def template(self, volumes: list[str]) -> dict[str, Any]:
        """Return what `templates` says of one."""
        self.folders += 1
        contents = [
            "",
            "plain",
            "{{.Responses.Q0}}\n",
            "{{with .Package}}{{.Name}}{{end}}",
            "{{/* @Q0@ */}}",
            "\x01\x7f",
        ]
        return {
            "volume": self.draw(st.sampled_from(volumes)),
            "path": f"{self.folders}/" + self.draw(st.one_of(PLAIN, st.just(self.marker("archive")))),
            "content": self.draw(st.sampled_from(contents)),
        }

    def note(self) -> dict[str, Any]:
        """Return what `notes` says of one."""
        kind = self.draw(st.sampled_from(["", "url", "email", "phone"]))
        value = {
            "": self.mixed()[0].replace("@@", "@"),
            "url": f"https://@LOCAL_EXTERNAL_HOST@:{self.port()}/",
            "email": "me@@example.org",
            "phone": "+49 (0) 30-12.34",
        }[kind]
        return {"value": value, "type": kind}


NAMES: Final = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,7}", fullmatch=True)
VARIABLES: Final = st.from_regex(r"T_[a-zA-Z0-9_]{1,8}", fullmatch=True)


@st.composite
def packages(draw: Callable[[st.SearchStrategy[Any]], Any], runtime: str = "") -> Written:
    """Make a package, of one runtime if it is given."""
    ports = draw(st.lists(st.integers(1, 65_535), min_size=40, max_size=40, unique=True))
    author = _Author(draw, Written({"questions": {}}), ports)
    for kind in draw(st.lists(st.sampled_from(["", "secret", "port", "bytes", "duration"]), max_size=3)):
        author.question(kind)
    author.question("")
    document = author.written.document
    document.update(description=draw(WORDS), supplies=draw(st.lists(WORDS, max_size=2)), unknown={"key": [1, {}]})
    if (runtime or draw(st.sampled_from(["container", "container", "container", "vm"]))) == "vm":
        document["vm"] = _machine(author)
    else:
        document["image"] = draw(st.sampled_from(IMAGES))
    document["command"] = draw(st.lists(LONG, max_size=4))
    environment = {name: author.mixed() for name in draw(st.lists(VARIABLES, max_size=4, unique=True))}
    document["environment"] = {name: text for name, (text, _) in environment.items()}
    author.written.environment = {name: value for name, (_, value) in environment.items()}
    _connect(author)
    _fill(author)
    document["notes"] = {draw(PLAIN): author.note() for _ in range(draw(st.integers(0, 2)))}
    return author.written


def _machine(author: _Author) -> dict[str, Any]:
    image = author.draw(st.sampled_from(["debian.raw", "https://me@example.org/disk.qcow2"]))
    machine = {"image": image, "memory": author.draw(st.sampled_from(["", "512mb", "2gb"]))}
    if author.draw(st.booleans()):
        machine["image"] = f"http://{author.marker('hostname')}/{author.marker('archive')}"
    machine["cpus"] = author.draw(st.integers(0, 64))
    return machine


def _connect(author: _Author) -> None:
    network: dict[str, dict[str, str]] = {}
    for side in ("external", "internal"):
        network[side] = {author.port(): author.port() for _ in range(author.draw(st.integers(0, 2)))}
    author.written.document["network"] = network


def _fill(author: _Author) -> None:
    document, draw = author.written.document, author.draw
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    document["volumes"] = {name: author.volume() for name in names}
    if not names:
        return
    some = st.integers(0, 2)
    document["archives"] = [
        {
            "image": draw(st.sampled_from(IMAGES)),
            "directory": draw(st.sampled_from(["/", "/usr/share/", "/a b/%"])),
            "volume": draw(st.sampled_from(names)),
        }
        for _ in range(draw(some))
    ]
    document["git_sources"] = [
        {
            "url": author.git_url(),
            "branch": draw(st.sampled_from(["", "main", "feature/x"])),
            "volume": draw(st.sampled_from(names)),
        }
        for _ in range(draw(some))
    ]
    document["templates"] = {draw(NAMES): author.template(names) for _ in range(draw(some))}


@st.composite
def damaged(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Written:
    """Make a package of which one value is another one than was meant."""
    written: Written = draw(packages())
    places = list(_places(written.document))
    holder, key = draw(st.sampled_from(places))
    holder[key] = draw(st.one_of(LONG, st.integers(), st.none(), st.just([]), st.just({"a": {}}), st.just("\x00")))
    if draw(st.booleans()):
        written.answers[draw(st.sampled_from(sorted(written.answers)))] = draw(st.text(max_size=5))
    return written


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs: Iterable[tuple[Any, Any]]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)
