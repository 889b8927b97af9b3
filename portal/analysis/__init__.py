"""Score, habits and levers of a file of candidates, without a database.

`reading`: the file as whole-number columns, by the reader that the import uses where it holds
dates (`dated`), literally where days are counted already (`counted`); `analyse`: the figures.
"""

from portal.analysis.analyse import analyse_file, as_printed
from portal.analysis.candidates import AnalysisRefused
from portal.analysis.reading import read_candidates
