"""The analysis of a file of candidates."""

import pytest

from portal.analysis import analyse_file
from tests.intake.conftest import counts, run  # noqa: F401 - what imports must be analysed
from tests.support.counted_files import write


@pytest.fixture
def analyse(tmp_path):
    """Candidates -> result, through a file."""

    def analyse(rows, **options):
        return analyse_file(write(tmp_path / "candidates.csv", rows), **options)

    return analyse
