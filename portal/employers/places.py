"""Countries (ISO 3166-1) by their names in the reader's language, and some of their parts."""

import re
import unicodedata
from typing import Final

from portal import language
from portal.language import gettext, lazy_gettext

# Territories with two letters that CLDR names and ISO 3166-1 does not.
NOT_ISO: Final = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)
REGION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
# Parts of a country (ISO 3166-2) where other rules hold. Of a country that is not here any code
# of the right form is taken.
PARTS: Final = {
    "CA": {
        "CA-AB": lazy_gettext("Alberta"),
        "CA-BC": lazy_gettext("British Columbia"),
        "CA-MB": lazy_gettext("Manitoba"),
        "CA-NB": lazy_gettext("New Brunswick"),
        "CA-NL": lazy_gettext("Newfoundland and Labrador"),
        "CA-NS": lazy_gettext("Nova Scotia"),
        "CA-NT": lazy_gettext("Northwest Territories"),
        "CA-NU": lazy_gettext("Nunavut"),
        "CA-ON": lazy_gettext("Ontario"),
        "CA-PE": lazy_gettext("Prince Edward Island"),
        "CA-QC": lazy_gettext("Quebec"),
        "CA-SK": lazy_gettext("Saskatchewan"),
        "CA-YT": lazy_gettext("Yukon"),
    },
    "GB": {
        "GB-ENG": lazy_gettext("England"),
        "GB-NIR": lazy_gettext("Northern Ireland"),
        "GB-SCT": lazy_gettext("Scotland"),
        "GB-WLS": lazy_gettext("Wales"),
    },
}


def countries() -> dict[str, str]:
    """Code and name of every country, in the order of the reader's alphabet."""
    named = {
        code: name
        for code, name in language.conventions().territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_ISO
    }
    return dict(sorted(named.items(), key=lambda one: _alphabetic(one[1])))


def _alphabetic(name: str) -> str:
    """NAME without accents: É stands with E."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


def country_name(code: str) -> str:
    return str(language.conventions().territories.get(code, code))


def regions() -> dict[str, str]:
    """The parts of countries that have a name here."""
    return {code: str(name) for parts in PARTS.values() for code, name in parts.items()}


def place_name(country: str | None, region: str | None) -> str:
    """ "Ontario, Canada"; empty if nothing is known."""
    names = [regions().get(region, region)] if region else []
    return ", ".join(names + ([country_name(country)] if country else []))


def why_not_in(country: str | None, region: str | None) -> str | None:
    """What is wrong with REGION beside COUNTRY."""
    if region is None:
        return None
    if country is None:
        return gettext("Choose the country first, or leave this empty.")
    if not region.startswith(f"{country}-"):
        return gettext(
            "%(region)s is not in %(country)s: its code begins with %(code)s-.",
            region=region,
            country=country_name(country),
            code=country,
        )
    if country in PARTS and region not in PARTS[country]:
        known = ", ".join(PARTS[country])
        return gettext("There is no %(code)s. Known are %(known)s.", code=region, known=known)
    return None
