"""Every setting of Heardback in one place: name, type, default, meaning."""

import os
import re
import sys
from dataclasses import dataclass, fields
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urlsplit

import idna
from flask import current_app

from portal import postgres

ROOT = Path(__file__).resolve().parent.parent
# A clone keeps its files in itself; a copy that pip installed has them where Flask would.
IS_CLONE = (ROOT / "pyproject.toml").is_file()
INSTANCE = ROOT / "instance" if IS_CLONE else Path(sys.prefix) / "var/portal-instance"
DEVELOPMENT_KEY = "heardback-development-key-not-for-production"
MIN_SECRET_LENGTH = 32
MIN_SECRET_VARIETY = 10  # different characters; 32 by chance, be they hexadecimal, have more
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})*")
# What may be reached though no mail can come from there: a_name, 2001:db8::1, [192.0.2.1].
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*|\[?[0-9a-f:.]+\]?", re.ASCII | re.IGNORECASE)
SENDER = re.compile(r"[^\s<>()\[\]@,;:\"\\]{1,64}@[^@]+")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class ConfigError(RuntimeError):
    """A setting is missing or has a value we refuse to guess about."""


def _env(name: str, default: str) -> str:
    """NAME, or the contents of the file that NAME_FILE points at (for container secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{name}_FILE: cannot read {path}: {error.strerror}") from error
    return os.environ.get(name, default).strip()


def _number(name: str, default: int, low: int, high: int) -> int:
    text = _env(name, str(default))
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _switch(name: str, default: bool = False) -> bool:
    text = _env(name, str(default)).lower()
    if text not in TRUE | FALSE:
        raise ConfigError(f"{name} must be true or false, not {text!r}")
    return text in TRUE


def _database_url(url: str) -> str:
    """URL with the driver we ship: psycopg 3 for PostgreSQL."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise ConfigError("DATABASE_URL must start with sqlite:/// or postgresql://")
    return url


def is_loopback(host: str) -> bool:
    """Whether HOST can only be this computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _ascii(name: str, host: str) -> str:
    """HOST, of the setting NAME, as mail, links and name servers write it, ü as xn--."""
    try:
        found = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        found = ""
    if host and not HOST.fullmatch(found):
        raise ConfigError(f"{name} names no host that there could be: {host!r}")
    return found


def _base_url(default: str) -> str:
    url = _env("BASE_URL", default).rstrip("/")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError(f"BASE_URL: {error}") from error
    host = parts.hostname or ""
    found = _ascii("BASE_URL", host)
    if found == host:
        return url
    return re.sub(re.escape(host), found, url, count=1, flags=re.IGNORECASE)


def _sender() -> str:
    """An address alone, as the relay gets it: the name before it depends on the mail."""
    text = _env("MAIL_SENDER", "")
    if text and not (SENDER.fullmatch(text) and text.partition("@")[0].isascii()):
        raise ConfigError(
            f"MAIL_SENDER must be an address alone, as hello@acme.example, not {text!r}"
        )
    local, at, domain = text.partition("@")
    return f"{local}{at}{_ascii('MAIL_SENDER', domain)}"


def _sign_in(name: str) -> str:
    """A name or password for the relay."""
    if not (text := _env(name, "")).isascii():
        raise ConfigError(f"{name} has letters outside ASCII: no relay can be signed in to with it")
    return text


def _mail() -> dict[str, Any]:
    """The relay, and from where mail comes. A mistake here would fail each message by itself."""
    return {
        "MAIL_SERVER": _ascii("MAIL_SERVER", _env("MAIL_SERVER", "")),
        "MAIL_PORT": _number("MAIL_PORT", 25, 1, 65535),
        "MAIL_USE_TLS": _switch("MAIL_USE_TLS"),
        "MAIL_USE_SSL": _switch("MAIL_USE_SSL"),
        "MAIL_USERNAME": _sign_in("MAIL_USERNAME"),
        "MAIL_PASSWORD": _sign_in("MAIL_PASSWORD"),
        "MAIL_CAFILE": _env("MAIL_CAFILE", ""),
        "MAIL_TIMEOUT": _number("MAIL_TIMEOUT", 15, 1, 25),
        "MAIL_HELO": _ascii("MAIL_HELO", _env("MAIL_HELO", "")),
        "MAIL_CONNECTIONS": _number("MAIL_CONNECTIONS", 4, 1, 50),
        "MAIL_SENDER": _sender(),
        "BOUNCE_DOMAIN": _ascii("BOUNCE_DOMAIN", _env("BOUNCE_DOMAIN", "")),
    }


def _pace() -> dict[str, Any]:
    """How many emails may leave in an hour."""
    return {
        "SURVEYS_PER_HOUR": _number("SURVEYS_PER_HOUR", 500, 1, 1_000_000),
        "LETTERS_PER_HOUR": _number("LETTERS_PER_HOUR", 100, 1, 10_000),
    }


def _months_kept() -> dict[str, Any]:
    """How long answers, people's names and the employer's own numbers stay."""
    return {
        "KEEP_ANSWERS_MONTHS": _number("KEEP_ANSWERS_MONTHS", 12, 1, 12),
        "KEEP_PERSONAL_MONTHS": _number("KEEP_PERSONAL_MONTHS", 12, 1, 36),
        "KEEP_RECORD_MONTHS": _number("KEEP_RECORD_MONTHS", 36, 1, 120),
    }


@dataclass(frozen=True)
class Config:
    """The settings; README's table says what each means. Build with from_env() or by name."""

    SECRET_KEY: str = DEVELOPMENT_KEY
    SECRET_KEY_FALLBACKS: tuple[str, ...] = ()
    SQLALCHEMY_DATABASE_URI: str = f"sqlite:///{INSTANCE / 'heardback.sqlite'}"
    BASE_URL: str = "http://127.0.0.1:5000"
    INSTANCE_PATH: Path = INSTANCE
    OPERATOR_NAME: str = "the operator of this site"
    OPERATOR_EMAIL: str = ""
    MAIL_SERVER: str = ""
    MAIL_PORT: int = 25
    MAIL_USE_TLS: bool = False
    MAIL_USE_SSL: bool = False
    MAIL_USERNAME: str = ""
    MAIL_PASSWORD: str = ""
    MAIL_CAFILE: str = ""
    MAIL_TIMEOUT: int = 15
    MAIL_HELO: str = ""
    MAIL_CONNECTIONS: int = 4
    MAIL_SENDER: str = ""
    BOUNCE_DOMAIN: str = ""
    SURVEYS_PER_HOUR: int = 500
    LETTERS_PER_HOUR: int = 100
    MIN_ANSWERS: int = 5
    MIN_COMMENTS: int = 10
    HALF_LIFE_DAYS: int = 180
    KEEP_ANSWERS_MONTHS: int = 12
    KEEP_PERSONAL_MONTHS: int = 12
    KEEP_RECORD_MONTHS: int = 36
    TRUSTED_PROXIES: int = 0
    RATELIMIT_STORAGE_URI: str = "memory://"
    LOG_LEVEL: str = "INFO"
    DEMO: bool = False
    DEBUG: bool = False
    TESTING: bool = False
    # Not settings of the operator's, but what the extensions read.
    MAX_CONTENT_LENGTH: int = 1024 * 1024
    MAX_FORM_MEMORY_SIZE: int = 256 * 1024
    MAX_FORM_PARTS: int = 200

    @classmethod
    def from_env(cls) -> Self:
        """Read the environment; raises ConfigError naming the setting at fault."""
        fallbacks = tuple(filter(None, _env("SECRET_KEY_FALLBACKS", "").split(",")))
        instance = Path(_env("INSTANCE_PATH", str(INSTANCE))).absolute()
        database = _env("DATABASE_URL", f"sqlite:///{instance / 'heardback.sqlite'}")
        config = cls(
            SECRET_KEY=_env("SECRET_KEY", DEVELOPMENT_KEY),
            SECRET_KEY_FALLBACKS=fallbacks,
            SQLALCHEMY_DATABASE_URI=_database_url(database),
            BASE_URL=_base_url(cls.BASE_URL),
            INSTANCE_PATH=instance,
            OPERATOR_NAME=_env("OPERATOR_NAME", cls.OPERATOR_NAME),
            OPERATOR_EMAIL=_env("OPERATOR_EMAIL", ""),
            **_mail(),
            MIN_ANSWERS=_number("MIN_ANSWERS", 5, 5, 1000),
            MIN_COMMENTS=_number("MIN_COMMENTS", 10, 10, 1000),
            HALF_LIFE_DAYS=_number("HALF_LIFE_DAYS", 180, 30, 1095),
            **_pace(),
            **_months_kept(),
            TRUSTED_PROXIES=_number("TRUSTED_PROXIES", 0, 0, 10),
            RATELIMIT_STORAGE_URI=_env("RATELIMIT_STORAGE_URI", "memory://"),
            LOG_LEVEL=_env("LOG_LEVEL", "INFO").upper(),
            DEMO=_switch("DEMO"),
            DEBUG=_switch("FLASK_DEBUG"),
        )
        config.check()
        return config

    @property
    def host(self) -> str:
        """The host name of BASE_URL."""
        return urlsplit(self.BASE_URL).hostname or ""

    @property
    def is_https(self) -> bool:
        return self.BASE_URL.startswith("https://")

    @property
    def is_production(self) -> bool:
        """Whether candidates could reach this installation."""
        return not (self.DEBUG or self.TESTING or self.DEMO or is_loopback(self.host))

    @property
    def sender_address(self) -> str:
        """The address in From: MAIL_SENDER, or hello@ the site's host."""
        return self.MAIL_SENDER or f"hello@{self.mail_domain}"

    @property
    def mail_domain(self) -> str:
        """The domain our mail comes from; a bare IP address cannot stand in an address."""
        return "localhost.localdomain" if is_loopback(self.host) else self.host

    @property
    def bounce_domain(self) -> str:
        return self.BOUNCE_DOMAIN or self.sender_address.rpartition("@")[2]

    def check(self) -> None:
        """Refuse settings that contradict each other or would harm candidates."""
        if urlsplit(self.BASE_URL).scheme not in ("http", "https") or not self.host:
            raise ConfigError("BASE_URL must be an http:// or https:// address")
        self._check_domains()
        if self.MAIL_USE_TLS and self.MAIL_USE_SSL:
            raise ConfigError("MAIL_USE_TLS and MAIL_USE_SSL exclude each other")
        if self.LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ConfigError("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR")
        if self.KEEP_RECORD_MONTHS < self.KEEP_PERSONAL_MONTHS:
            raise ConfigError("KEEP_RECORD_MONTHS must not be less than KEEP_PERSONAL_MONTHS")
        encrypted = self.MAIL_USE_TLS or self.MAIL_USE_SSL
        if self.MAIL_PASSWORD and not encrypted and not is_loopback(self.MAIL_SERVER):
            raise ConfigError(
                "MAIL_PASSWORD needs MAIL_USE_TLS or MAIL_USE_SSL: it would be readable"
            )
        if (self.DEBUG or self.DEMO) and not is_loopback(self.host):
            name = "FLASK_DEBUG" if self.DEBUG else "DEMO"
            raise ConfigError(
                f"{name} opens the site to whoever reaches it, and BASE_URL is not this computer: "
                f"set {name}=false, or BASE_URL to http://127.0.0.1:8000"
            )
        if self.is_production:
            self._check_production()

    def _check_domains(self) -> None:
        for domain in (self.sender_address.rpartition("@")[2], self.bounce_domain):
            if not DOMAIN.fullmatch(domain):
                raise ConfigError(
                    f"mail cannot come from {domain!r}: MAIL_SENDER must be set to an address of "
                    "yours, and BOUNCE_DOMAIN to a domain of yours or to nothing"
                )

    def _check_production(self) -> None:
        if self.SECRET_KEY == DEVELOPMENT_KEY or len(self.SECRET_KEY) < MIN_SECRET_LENGTH:
            raise ConfigError(
                f"SECRET_KEY must be your own, {MIN_SECRET_LENGTH} characters or more"
            )
        if len(set(self.SECRET_KEY)) < MIN_SECRET_VARIETY:
            raise ConfigError(
                "SECRET_KEY repeats a few characters and could be guessed: make one by "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if not self.is_https:
            raise ConfigError("BASE_URL must start with https:// (its host is not this computer)")
        if not self.MAIL_SERVER:
            raise ConfigError("MAIL_SERVER must name the relay that takes our mail")

    def flask_settings(self) -> dict[str, Any]:
        """Every field by name, for app.config; and the whole, for settings()."""
        is_postgres = self.SQLALCHEMY_DATABASE_URI.startswith("postgresql")
        return {field.name: getattr(self, field.name) for field in fields(self)} | {
            "HEARDBACK": self,
            "COMPRESS_ALGORITHM": ["br", "gzip"],
            "COMPRESS_REGISTER": False,  # portal.web.compression says what is compressed
            "COMPRESS_STREAMS": False,
            "COMPRESS_BR_LEVEL": 5,  # a tenth less than by 4; 9 takes twenty times as long
            "SQLALCHEMY_ENGINE_OPTIONS": postgres.SETTINGS if is_postgres else {},
        }


def settings() -> Config:
    """The running application's settings, typed."""
    return cast(Config, current_app.config["HEARDBACK"])


SIGN_IN_IDLE = timedelta(hours=8)
SIGN_IN_LASTS = timedelta(days=7)
