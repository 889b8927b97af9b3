"""Where candidates come in, whatever the door: checked as a whole, matched with what is held, then
applied through `hiring`.

    checked = check_file(sheet, columns, answer, employer, now)
    for chunk in checked.chunks(size):
        apply_chunk(employer_id, chunk, now)     # one transaction each; the caller commits

A page keeps the file (`files`), plans how it is read (`plans`) and starts a run (`running`), which
a worker carries out; `undoing` takes it back.
"""

from portal.intake.applying import Applied, apply_chunk
from portal.intake.checking import LEAST, MOST, CheckedFile, check_file
from portal.intake.files import (
    change_file,
    drop_drafts,
    drop_file,
    find_file,
    heading_key,
    keep_file,
    open_file,
    recall,
    remember,
)
from portal.intake.plans import read_plan
from portal.intake.running import (
    AlreadyQueued,
    Import,
    begin_import,
    end_abandoned,
    fail_import,
    find_earlier_run,
    find_import_file,
    open_import,
    prepare,
    start_import,
)
from portal.intake.undoing import UndoState, check_undo, finish_undo, undo_chunk, undo_import

__all__ = [
    "LEAST",
    "MOST",
    "AlreadyQueued",
    "Applied",
    "CheckedFile",
    "Import",
    "UndoState",
    "apply_chunk",
    "begin_import",
    "change_file",
    "check_file",
    "check_undo",
    "drop_drafts",
    "drop_file",
    "end_abandoned",
    "fail_import",
    "find_earlier_run",
    "find_file",
    "find_import_file",
    "finish_undo",
    "heading_key",
    "keep_file",
    "open_file",
    "open_import",
    "prepare",
    "read_plan",
    "recall",
    "remember",
    "start_import",
    "undo_chunk",
    "undo_import",
]
