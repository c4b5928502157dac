"""The fixed lists: languages and time zones."""

import zoneinfo

import pytest

from townos.i18n import populated
from townos.settings.locales import COMMON_LANGUAGES, EXTENDED_LOCALES
from townos.settings.timezones import TIMEZONES


@pytest.mark.conformance("CAT-07")
def test_the_76_time_zones_exist_and_are_sorted() -> None:
    assert len(TIMEZONES) == 76
    assert list(TIMEZONES) == sorted(set(TIMEZONES))
    assert set(TIMEZONES) <= zoneinfo.available_timezones()


def test_time_zones_cover_all_major_regions() -> None:
    regions = {name.partition("/")[0] for name in TIMEZONES}
    assert regions == {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Pacific", "UTC"}


@pytest.mark.conformance("I18N-03")
def test_the_21_common_languages_are_sorted_by_code() -> None:
    codes = [locale.code for locale in COMMON_LANGUAGES]
    assert " ".join(codes) == (
        "ar-SA bn-BD de-DE en-US es-ES fr-FR hi-IN it-IT ja-JP ko-KR nl-NL pl-PL pt-BR ru-RU sa-IN sv-SE th-TH tr-TR "
        "uk-UA vi-VN zh-CN"
    )


@pytest.mark.conformance("I18N-03")
def test_the_87_extended_locales_are_sorted_by_code() -> None:
    codes = [locale.code for locale in EXTENDED_LOCALES]
    assert len(codes) == 87
    assert codes == sorted(set(codes))
    assert {"de-AT", "en-GB", "es-MX", "fr-CA", "pt-PT", "zh-TW"} <= set(codes)
    assert not {"eu-ES", "gl-ES"} & set(codes)


def test_every_common_language_and_every_translation_is_among_the_extended_ones() -> None:
    extended = {locale.code for locale in EXTENDED_LOCALES}
    assert {locale.code for locale in COMMON_LANGUAGES} <= extended
    assert set(populated()) <= extended


def test_every_locale_has_both_names() -> None:
    for locale in (*COMMON_LANGUAGES, *EXTENDED_LOCALES):
        assert locale.native_name
        assert locale.english_name.isprintable()
