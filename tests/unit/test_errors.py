"""Errors say which input is to blame."""

import pytest

from townos.errors import Conflict, FieldError, Invalid, at_field
from townos.names import PackageId, PackageName, UnitName


def test_an_invalid_value_gets_the_name_of_its_field_and_keeps_its_text() -> None:
    assert at_field("name", PackageName.parse, "nginx") == "nginx"
    with pytest.raises(Invalid, match="unit name is required") as caught:
        at_field("unit", UnitName.parse, "")
    assert caught.value.fields == (FieldError("unit", "name.empty", (UnitName.kind,)),)


def test_other_errors_pass_as_they_are() -> None:
    def clash(_: str) -> None:
        raise Conflict("repository.exists", "core")

    with pytest.raises(Conflict) as caught:
        at_field("name", clash, "core")
    assert caught.value.fields == ()


@pytest.mark.parametrize(
    ("parts", "field"), [(("..", "n", "1"), "repo"), (("r", "", "1"), "name"), (("r", "n", "a b"), "version")]
)
def test_the_part_of_an_identity_that_is_wrong_is_named_as_on_the_wire(parts: tuple[str, str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        PackageId.parse(*parts)
    assert [error.name for error in caught.value.fields] == [field]
