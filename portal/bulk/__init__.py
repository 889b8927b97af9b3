"""One action for many applications at once: who it is for, carrying it out, taking it back."""

from portal.bulk.acting import act, find_started, finish, letter_for, start, take_waiting
from portal.bulk.plans import WRITES, Action, Plan, from_json, key_of, letter_of
from portal.bulk.selecting import MOST, REASONS, Selection, Why, find_ids, select
from portal.bulk.spreading import UNDO_TIME, leaves_at, spread
from portal.bulk.undoing import Undo, ask_undo, check_undo, take_done, undo
