"""Where candidates come in, whatever the door: checked as a whole, matched with what is held, then
applied through `hiring`.

    checked = check_file(sheet, columns, answer, employer, now)
    for chunk in checked.chunks(size):
        apply_chunk(employer_id, chunk, now)     # one transaction each; the caller commits

A page keeps the file (`files`), asks about it (`drafts`, `examining`; `learning`: kept for the next
of its kind) and starts a run (`running`), which a worker carries out; `undoing` takes it back.
"""

from portal.intake.adding import AlreadyOpen, add_one
from portal.intake.applying import Applied, apply_chunk
from portal.intake.checking import LEAST, MOST, CheckedFile, check_file, check_identities
from portal.intake.drafts import (
    begin,
    choose,
    find_to_check,
    found_in,
    keep_found,
    list_waiting,
    open_checked,
    progress_of,
    say,
    show_progress,
    take_in,
)
from portal.intake.examining import Examined, Peek, examine, first_rows, list_bad_rows, peek
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
from portal.intake.learning import recall_plan, remember_plan
from portal.intake.plans import read_plan
from portal.intake.running import (
    AlreadyQueued,
    Import,
    begin_import,
    end_abandoned,
    fail_import,
    find_earlier_run,
    open_import,
    prepare,
    start_import,
)
from portal.intake.undoing import check_undo, finish_undo, undo_chunk, undo_import
