"""What a browser may load, run and send for our pages: their Content-Security-Policy."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

PAGE = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# No page uses any of these, nor may what somebody manages to place on one.
NOTHING = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
        *("encrypted-media", "fullscreen", "geolocation", "gyroscope", "interest-cohort"),
        *("magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
        *("publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"),
    )
)
# A preview: what is a form on the real page sends nothing here.
PREVIEW = PAGE.replace("form-action 'self'", "form-action 'none'")
WITH_FRAME = f"{PAGE}; frame-src 'self'"


def of_picture(sheet: str) -> str:
    """For a drawing opened by itself: its own SHEET styles it; nothing in it runs or loads."""
    return f"default-src 'none'; style-src {_hashes([sheet])}; frame-ancestors 'none'; sandbox"


def _hashes(sheets: Iterable[str]) -> str:
    hashes = [b64encode(sha256(sheet.encode()).digest()).decode() for sheet in sheets]
    return " ".join(f"'sha256-{found}'" for found in hashes) or "'none'"


def of_mail(sheets: Iterable[str]) -> str:
    """For mail in a frame: its own SHEETS style it; nothing in it runs, loads or sends.

    Links open in the whole window.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hashes(sheets)}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-top-navigation-by-user-activation",
        )
    )
