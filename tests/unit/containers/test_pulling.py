"""Reading what `podman pull` says. The texts are those of podman 4.3 and of later versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.containers.pulling import PARALLEL_LAYERS, PullOutput, pull_error
from townos.errors import Foreign, NoSpace, TownError
from townos.images import ImageReference

NGINX = ImageReference("docker.io/library/nginx:latest")
DIGESTS = [f"{number:064x}" for number in range(1, 9)]
BEGUN = "".join(f"Copying blob sha256:{digest[::-1]}\n" for digest in DIGESTS)
OUTPUT = (
    "Trying to pull docker.io/library/nginx:latest...\nGetting image source signatures\n"
    + BEGUN
    + "Copying config sha256:7b86608bbf661871a2db737198910d7101a0100cf3fe213380f535b57c118baf\n"
    + "Writing manifest to image destination\n"
)
NO_HOST = 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host'


def told(*chunks: str) -> list[tuple[int, int | None]]:
    counts: list[tuple[int, int | None]] = []
    output = PullOutput(lambda done, total: counts.append((done, total)))
    for chunk in chunks:
        output.feed(chunk.encode())
    output.finish()
    return counts


def test_layers_are_counted_and_the_total_comes_with_the_configuration() -> None:
    counts = told(OUTPUT)
    assert counts[: len(DIGESTS)] == [(max(0, begun - PARALLEL_LAYERS), None) for begun in range(1, 9)]
    assert counts[-1] == (8, 8)


def test_layers_that_are_said_to_be_done_count_at_once() -> None:
    first, second = DIGESTS[0][::-1], DIGESTS[1][::-1]
    counts = told(
        f"Copying blob {first}\nCopying blob {second} skipped: already exists  \nCopying blob {first} done   |\n"
    )
    assert counts == [(0, None), (1, None), (2, None), (2, 2)]


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=60))
def test_the_pieces_in_which_output_arrives_do_not_matter(sizes: list[int]) -> None:
    rest, chunks = OUTPUT, []
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    assert told(*chunks, rest) == told(OUTPUT)


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
