"""Where candidates come in, whatever the door: checked as a whole, matched with what is held, then
applied through `hiring`.

    checked = check_file(sheet, columns, answer, employer, now)
    for chunk in checked.chunks(size):
        apply_chunk(employer_id, chunk, now)     # one transaction each; the caller commits
"""

from portal.intake.applying import Applied, apply_chunk, find_earlier_run, record_run
from portal.intake.checking import MOST, CheckedFile, check_file, check_identities

__all__ = [
    "MOST",
    "Applied",
    "CheckedFile",
    "apply_chunk",
    "check_file",
    "check_identities",
    "find_earlier_run",
    "record_run",
]
