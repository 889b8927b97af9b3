"""The closure desk: who waits for an answer, what was decided, and how each candidate was told."""

from portal.web.recruiter import candidate, deciding, delaying, listing, telling
from portal.web.recruiter.desk import recruiter

__all__ = ["candidate", "deciding", "delaying", "listing", "recruiter", "telling"]
