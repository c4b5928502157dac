"""Reading what `podman pull` says: podman 4.3 and later versions on a terminal, and on a pipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.containers.pulling import PullOutput, pull_error
from townos.errors import Foreign, NoSpace, TownError
from townos.images import ImageReference

NGINX = ImageReference("docker.io/library/nginx:latest")
MIB, KIB = 2**20, 2**10

BEGIN = "Trying to pull docker.io/library/layered:latest...\r\nGetting image source signatures\r\n"
BARS = (
    "Copying blob 4b78c53e8f13 [=========>----------------------------] 6.0MiB / 22.9MiB\r\n"
    "Copying blob d8eeaffb1815 [========>-----------------------------] 1.5MiB / 7.5MiB\r\n"
    "Copying blob f82350f2f8f9 [======================================] 3.5MiB / 3.5MiB\r\n"
)
MORE_BARS = (
    "\x1b[3A\x1b[JCopying blob 4b78c53e8f13 [======================================] 22.5MiB / 22.9MiB\r\n"
    "Copying blob d8eeaffb1815 done  \r\n"
    "Copying blob f82350f2f8f9 done  \r\n"
    "Copying blob a5e10f4809d7 [>-------------------------------------] 540.0KiB / 26.0MiB\r\n"
    "Copying blob 78bed2dcb20b skipped: already exists  \r\n"
)
END = (
    "\x1b[5A\x1b[JCopying blob 4b78c53e8f13 done  \r\n"
    "Copying blob d8eeaffb1815 done  \r\n"
    "Copying blob f82350f2f8f9 done  \r\n"
    "Copying blob a5e10f4809d7 done  \r\n"
    "Copying blob 78bed2dcb20b skipped: already exists  \r\n"
    "Copying config f07a0b96dc [======================================] 1.1KiB / 1.1KiB\r\n"
    "\x1b[1A\x1b[JCopying config f07a0b96dc done  \r\n"
    "Writing manifest to image destination\r\nStoring signatures\r\n"
)
OUTPUT = BEGIN + BARS + MORE_BARS + END
ON_A_PIPE = (
    "Trying to pull docker.io/library/nginx:latest...\nGetting image source signatures\n"
    + "".join(f"Copying blob sha256:{number:064x}\n" for number in range(8))
    + "Copying config sha256:7b86608bbf661871a2db737198910d7101a0100cf3fe213380f535b57c118baf\n"
)
SIZES = {
    f"sha256:{digest:0<64}": size
    for digest, size in {
        "4b78c53e8f13": 24_007_492,
        "d8eeaffb1815": 8_002_659,
        "f82350f2f8f9": 4_001_424,
        "a5e10f4809d7": 28_008_743,
        "78bed2dcb20b": 32_009_983,
    }.items()
}
ALL = sum(SIZES.values())
NO_HOST = 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host'

Counts = list[tuple[int, int | None]]


def told(*chunks: str, sizes: dict[str, int] | None = None) -> Counts:
    counts: Counts = []
    output = PullOutput(lambda done, total: counts.append((done, total)))
    if sizes:
        output.expect(sizes)
    for chunk in chunks:
        output.feed(chunk.encode())
    output.finish()
    return counts


def least(*shown: float) -> int:
    """Return how many bytes it is at least when these are shown in MiB, with one decimal each."""
    return sum(int((number - 0.05) * MIB) for number in shown)


def test_bytes_are_counted_over_all_layers() -> None:
    begun = least(6.0, 1.5, 3.5)
    fetched = least(22.5, 7.5, 3.5) + int(539.95 * KIB)
    whole = least(22.9, 7.5, 3.5, 26.0)
    assert told(BEGIN, BARS, MORE_BARS, END) == [(begun, None), (fetched, None), (whole, whole)]


def test_sizes_that_the_registry_tells_give_the_total_from_the_start() -> None:
    counts = told(BEGIN, BARS, MORE_BARS, END, sizes=SIZES)
    assert counts[0] == (0, ALL)
    assert counts[-1] == (ALL, ALL)
    assert {total for _, total in counts} == {ALL}


def test_a_layer_that_is_there_already_counts_as_done() -> None:
    there = "78bed2dcb20b"
    counts = told(f"Copying blob {there} skipped: already exists  \r\n", sizes=SIZES)
    assert counts[1] == (32_009_983, ALL)


def test_an_image_that_is_there_already_is_done() -> None:
    assert told(BEGIN, sizes=SIZES)[-1] == (ALL, ALL)


def test_sizes_of_another_image_are_not_believed() -> None:
    other = {f"sha256:{1:064x}": 5}
    assert told(BEGIN, BARS, MORE_BARS, END, sizes=other)[1:] == told(BEGIN, BARS, MORE_BARS, END)
    late: Counts = []
    output = PullOutput(lambda done, total: late.append((done, total)))
    output.feed(BARS.encode())
    output.expect(other)
    assert late == [(least(6.0, 1.5, 3.5), None)]


def test_a_later_version_shows_the_speed_too() -> None:
    line = "Copying blob 4b78c53e8f13 [====>---] 12.0MiB / 22.5MiB | 5.6 MiB/s\r\n"
    assert told(line)[0] == (least(12.0), None)


def test_a_layer_of_unknown_size_counts_no_bytes() -> None:
    assert told("Copying blob 4b78c53e8f13 [ <=> ] 12.0MiB / ?\r\n") == [(0, 0)]


def test_output_without_bars_tells_only_the_end() -> None:
    assert told(ON_A_PIPE) == [(0, 0)]


@given(st.lists(st.integers(min_value=1, max_value=200), max_size=60))
def test_the_pieces_in_which_output_arrives_do_not_matter(sizes: list[int]) -> None:
    rest, chunks = OUTPUT, []
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    assert told(*chunks, rest)[-1] == told(OUTPUT)[-1]


@given(
    st.lists(
        st.one_of(
            st.text(),
            st.sampled_from([BARS, MORE_BARS, END, ON_A_PIPE]),
            st.from_regex(r"Copying blob [0-9a-f]{12} \[=>-\] [0-9.]{1,12}(b|KiB|GiB|TiB) / [0-9.]{1,12}TiB\n"),
        )
    ),
    st.booleans(),
)
def test_progress_never_goes_back_and_ends(chunks: list[str], expected: bool) -> None:
    counts = told(*chunks, sizes=SIZES if expected else None)
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)
    assert all(total is None or done <= total for done, total in counts)
    assert counts[-1][0] == counts[-1][1]


def test_progress_is_no_part_of_an_error_message() -> None:
    output = PullOutput(None)
    output.feed(f"{OUTPUT}Error: writing blob: no space left on device\r\n".encode())
    assert output.said.splitlines()[-2:] == ["Storing signatures", "Error: writing blob: no space left on device"]
    assert "Copying blob" not in output.said


@pytest.mark.parametrize(
    ("stderr", "kind", "text"),
    [
        (
            "Error: initializing source docker://nginx:latest: reading manifest latest in x/nginx: manifest unknown",
            Foreign,
            "the image docker.io/library/nginx:latest was not found at docker.io",
        ),
        (
            "Error: initializing source docker://nginx:latest: (Mirrors also failed: [x/nginx: manifest unknown]): "
            + NO_HOST,
            Foreign,
            "was not found at docker.io",
        ),
        (f"Trying to pull…\nError: pinging container registry: {NO_HOST}\n", Foreign, "docker.io cannot be reached"),
        ("Error: dial tcp 127.0.0.1:1: connect: connection refused", Foreign, "docker.io cannot be reached"),
        ("Error: writing blob: write /var/tmp/x: no space left on device", NoSpace, "no space left on the disk"),
        ("Error: something else", Foreign, "from docker.io failed: something else"),
        ("", Foreign, "from docker.io failed"),
    ],
)
def test_a_failure_names_image_registry_and_reason(stderr: str, kind: type[TownError], text: str) -> None:
    error = pull_error(NGINX, stderr)
    assert type(error) is kind
    assert text in str(error)
