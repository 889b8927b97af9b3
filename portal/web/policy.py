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


def of_mail(sheets: Iterable[str]) -> str:
    """For mail in a frame: its own SHEETS style it; nothing in it runs, loads or sends.

    Links open in the whole window.
    """
    hashes = [b64encode(sha256(sheet.encode()).digest()).decode() for sheet in sheets]
    styles = " ".join(f"'sha256-{found}'" for found in hashes) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {styles}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-top-navigation-by-user-activation",
        )
    )
