"""What leaves as a file: released answers in pools, and the employer's own records.

Rows, counts and comments come from pools of released answers and are joined by nothing: no file
holds an id, an order or a time by which a line of one could be matched with a line of another.
"""

from portal.exports.comments import PAGE_SIZE, CommentsPage, ReadAs, ReadComment, read_comments
from portal.exports.dictionary import Export, dictionary
from portal.exports.files import Cell, Format, Row, plain_cell, write_file
from portal.exports.highlights import Part, mark_phrases, words_by_aspect
from portal.exports.pooled import Availability, Comment, availability, public_comments
from portal.exports.records import read_rows
