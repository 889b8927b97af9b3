"""An employer's settings, for its owners: what each brings about, changing it, and previews."""

# Imported for the views they hang on the blueprint.
import portal.web.settings.letters
import portal.web.settings.pages
import portal.web.settings.previews
from portal.web.settings.sections import settings_pages
