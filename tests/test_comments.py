"""Reading comments for a page: floors, permissions, filters and pages, on both databases."""

from portal.exports import PAGE_SIZE, ReadAs, read_comments
from tests.support.answers import give_answers, release, store_answers, withdraw
from tests.support.readers import Reader
from tests.support.statements import noting_statements

READER = Reader("old 1")


class Aspects(Reader):
    """Finds the aspects that a comment names."""

    def __call__(self, text, language, calibration=None):
        reading = super().__call__(text, language)
        reading.aspects = [name for name in ("clarity", "informed") if name in text]
        return reading


def add(employer, count, vary, reader=READER):
    store_answers(employer, count, vary)
    release(employer, reader=reader)


def texts(reading) -> list[str]:
    return ["".join(part.text for part in comment.parts) for comment in reading.comments]


def test_nothing_of_fewer_answers_than_the_floor_can_be_computed(make):
    """Over releases, filters and a withdrawal: what is read differs by whole pools."""
    acme, readings = make.employer(), []
    for step in (4, 5, 5, 6, 10):
        tokens = give_answers(make, acme, step, lambda n: {"comment": f"Good {n}."})
        release(acme, reader=READER)
        readings.append(read_comments(acme))
    # 4 wait; 4 + 5 are released and too few; + 5 make a pool; 6 are too few; 6 + 10 make one.
    assert [reading.total for reading in readings] == [0, 0, 14, 14, 30]
    for reading in readings:
        assert reading.verdicts.total() == reading.total
        assert read_comments(acme, ReadAs.NEG).comments == []
    withdraw(tokens[0])
    assert read_comments(acme).total == 14


def test_filters_and_figures_are_of_what_may_be_read(make):
    acme = make.employer()
    said = ("Good clarity", "Bad informed", "Hm", "Bad clarity informed")
    words = ("employer", "counted", "public")
    add(
        acme,
        24,
        lambda n: {"comment": f"{said[n % 4]} {n}.", "words": words[n % 3]},
        Aspects("old 1"),
    )
    reading = read_comments(acme)
    assert reading.total == 16
    assert reading.verdicts == {ReadAs.POS: 4, ReadAs.NEG: 8, ReadAs.UNCLEAR: 4}
    assert reading.aspects == {"clarity": 8, "informed": 8}
    both = read_comments(acme, ReadAs.NEG, "clarity")
    assert (both.found, both.total, both.aspects) == (4, 16, reading.aspects)
    assert all(text.startswith("Bad clarity") for text in texts(both))
    assert read_comments(acme, ReadAs.POS, "informed").comments == []
    assert read_comments(acme, None, "fairness").found == 0


def test_each_comment_stands_on_one_page_in_an_order_of_its_own(make):
    acme = make.employer()
    for pool in range(4):
        add(acme, 17, lambda n, pool=pool: {"comment": f"Good {pool} {n}."})
    pages = [texts(read_comments(acme, number=number)) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 18]
    everything = [text for page in pages for text in page]
    assert len(set(everything)) == 68
    assert [text.split()[1] for text in everything] == [pool for pool in "3210" for _ in range(17)]
    numbers = [int(text.split()[2].rstrip(".")) for text in everything[:17]]
    assert numbers != sorted(numbers)
    assert read_comments(acme, number=99).number == 3
    assert texts(read_comments(acme, number=0)) == pages[0]


def test_reading_costs_the_same_statements_however_many_there_are(make):
    acme, counts = make.employer(), []
    for _ in range(3):
        add(acme, 30, lambda n: {"comment": f"Good {n}."})
        with noting_statements() as seen:
            read_comments(acme, ReadAs.POS, "respect", 2)
        counts.append(len([words for words in seen if words.startswith("SELECT")]))
    assert counts[1] == counts[2] <= 7


def test_another_employers_comments_are_not_read(make):
    acme, globex = make.employer(), make.employer("globex")
    add(acme, 12, lambda n: {"comment": f"Good {n}."})
    assert read_comments(globex).total == 0
