"""An employer's settings, for its owners: what each brings about, changing it, and previews."""

# Imported for the views they hang on the blueprint.
import portal.web.settings.letters
import portal.web.settings.pages
import portal.web.settings.previews  # noqa: F401
from portal.web.settings.sections import settings_pages

__all__ = ["settings_pages"]
