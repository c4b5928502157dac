"""One archive for each way out of a volume, and for each thing that a volume must not hold."""

import pytest

from tests.support.archive_cases import HARMLESS, HOSTILE
from tests.support.archives import member, packed, symlink
from townos.errors import Invalid
from townos.storage.archives.rules import ArchiveLimits, Rules
from townos.storage.archives.tar.canonical import CanonicalTar

LIMITS = ArchiveLimits(bytes=10_000_000, members=1_000, seconds=60)


def judge(stream: bytes, depth: int = 0) -> None:
    tar = CanonicalTar(Rules(LIMITS, depth))
    for _ in tar.feed(stream):
        pass
    tar.finish()


@pytest.mark.conformance("ARC-04")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_member_is_refused_and_named(case: str) -> None:
    with pytest.raises(Invalid) as refused:
        judge(HOSTILE[case])
    assert refused.value.code.startswith("archive.")
    (field,) = refused.value.fields
    assert field.name == "archive"
    assert isinstance(field.params[0], str)


@pytest.mark.parametrize("case", HARMLESS)
def test_a_harmless_member_is_not(case: str) -> None:
    judge(HARMLESS[case])


def test_links_may_lead_up_to_the_root_of_the_volume_and_no_further() -> None:
    judge(packed(symlink("a/link", "../../../x")), depth=2)
    with pytest.raises(Invalid):
        judge(packed(symlink("a/link", "../../../../x")), depth=2)


def test_a_name_is_told_in_full_unless_it_is_long_and_its_bytes_as_escapes() -> None:
    with pytest.raises(Invalid, match=r"\\xe4"):
        judge(packed(member("/\udce4")))
    with pytest.raises(Invalid) as refused:
        judge(packed(member("/" + "x" * 3_000)))
    assert len(str(refused.value)) < 400
