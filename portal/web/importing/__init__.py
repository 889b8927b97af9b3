"""Importing candidates: a file, its columns, what is asked, what will happen, and the go-ahead."""

# Imported for the views they hang on the blueprint.
import portal.web.importing.answers
import portal.web.importing.checking
import portal.web.importing.columns
import portal.web.importing.upload
from portal.web.importing.pages import importing
