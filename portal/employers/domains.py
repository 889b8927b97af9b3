"""The mail domains that an operator confirms as an employer's."""

from portal import hiring
from portal.employers.unfit import Unfit
from portal.language import gettext

# Anybody can have an address there; not all there are, but those typed in good faith.
PUBLIC_MAIL = {
    "163.com", "aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.com", "gmx.de",
    "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com", "hotmail.fr",
    "icloud.com", "laposte.net", "live.com", "live.fr", "mac.com", "mail.com", "mail.ru",
    "me.com", "msn.com", "orange.fr", "outlook.com", "outlook.fr", "proton.me",
    "protonmail.com", "qq.com", "sfr.fr", "t-online.de", "wanadoo.fr", "web.de", "yahoo.ca",
    "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com",
    "zoho.com",
}  # fmt: skip
# Many organisations' ends, which look like a domain of somebody's.
SHARED_ENDS = {
    "ac.uk", "asso.fr", "co.in", "co.jp", "co.nz", "co.uk", "co.za", "com.au", "com.br",
    "com.cn", "com.mx", "com.tr", "gc.ca", "gouv.fr", "gov.uk", "net.au", "nhs.uk", "org.au",
    "org.uk", "qc.ca", "sch.uk",
}  # fmt: skip


def read_domains(text: str) -> list[str]:
    """The domains in TEXT, parted by commas, as candidates' addresses have them; none if empty."""
    return sorted({_read_domain(part.strip()) for part in text.split(",") if part.strip()})


def _read_domain(text: str) -> str:
    try:
        domain = hiring.clean_address(f"x@{text}").rpartition("@")[2].lower()
    except hiring.ApplicationRefused as refusal:
        said = gettext("%(typed)s is not a domain like acme.example.", typed=repr(text))
        raise Unfit(said) from refusal
    if any(f".{domain}".endswith(f".{public}") for public in PUBLIC_MAIL):
        raise Unfit(gettext("Anybody can have an address at %(domain)s.", domain=domain))
    if domain in SHARED_ENDS:
        raise Unfit(
            gettext("%(domain)s is many organisations’ end, not one’s domain.", domain=domain)
        )
    return domain
