"""What operations work on."""

from townos.operations import Subject

NGINX = Subject("core", "nginx", "1.0")


def test_two_versions_of_a_package_exclude_each_other() -> None:
    assert NGINX.excludes(NGINX)
    assert NGINX.excludes(Subject("core", "nginx", "2.0"))


def test_things_of_other_names_or_repositories_do_not_exclude_each_other() -> None:
    assert not NGINX.excludes(Subject("core", "redis", "1.0"))
    assert not NGINX.excludes(Subject("other", "nginx", "1.0"))


def test_a_subject_is_written_as_people_know_packages() -> None:
    assert str(NGINX) == "core/nginx@1.0"
