"""The analysis of a file of candidates."""

import pytest

from portal.analysis import analyse_file
from tests.support.counted_files import write


@pytest.fixture
def analyse(tmp_path):
    """Candidates -> result, through a file."""

    def analyse(rows, **options):
        return analyse_file(write(tmp_path / "candidates.csv", rows), **options)

    return analyse
