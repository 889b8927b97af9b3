"""An employer's settings: what can be set, what is valid, and what a change brings about.

The one place for it, whether an owner changes them on a page or the operator on the command line.
"""

from portal.employers.changing import (
    PLANNED_BY,
    Change,
    Meanwhile,
    SettingsChanged,
    change_settings,
    count_affected,
    list_meanwhile,
)
from portal.employers.places import countries, country_name, place_name, regions
from portal.employers.settings import SETTINGS, SettingsRefused, as_text
