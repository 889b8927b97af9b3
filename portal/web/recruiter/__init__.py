"""The closure desk: who waits for an answer, what was decided, and how each candidate was told."""

# Imported for the views they hang on the blueprint.
import portal.web.recruiter.activity
import portal.web.recruiter.calling
import portal.web.recruiter.candidate
import portal.web.recruiter.deciding
import portal.web.recruiter.delaying
import portal.web.recruiter.listing
import portal.web.recruiter.many
import portal.web.recruiter.record
import portal.web.recruiter.roles
import portal.web.recruiter.status_link
import portal.web.recruiter.telling
from portal.web.recruiter.desk import recruiter
