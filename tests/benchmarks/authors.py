"""How well a comment is read whose author the weights never saw: each author of our own left out.

`python -m tests.benchmarks.authors [--base FILE]`; FILE: the licence-clean sentences, for English.
Rules are not made anew: where a rule was written after reading an author, the figure flatters.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from portal.sentiment.analyzer import _resources
from portal.sentiment.measures import area_under_curve
from portal.sentiment.model import Model
from portal.sentiment.results import Sentiment
from portal.sentiment.scoring import estimate, read
from portal.sentiment.tokens import tokenise
from tests.tools import training

AUTHORS = "abcde"  # the sixth knew the rules


def read_by_others(
    rows: list[training.Row], author: str, language: str
) -> Iterator[tuple[Sentiment, str]]:
    """Estimate and label of AUTHOR's rows, by weights of all the others."""
    mine = [row for row in rows if row.source == f"own:{author}"]
    fitted = training.fit([row for row in rows if row.source != f"own:{author}"], language)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_text(json.dumps(fitted), encoding="utf-8")
        resources = _resources(language)._replace(model=Model.load(path))
    for row in mine:
        reading = read(tokenise(row.text, language), resources)
        yield estimate(row.text, reading, resources, None, ""), row.label


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path)
    base = parser.parse_args().base
    for language in ("en", "fr") if base else ("fr",):
        rows = training.read_rows(base, language) if base else []
        rows += training.read_rows(training.OWN_CORPUS, language)
        for author in AUTHORS:
            found = list(read_by_others(rows, author, language))
            area = area_under_curve(
                [one.q for one, _ in found], [side == "pos" for _, side in found]
            )
            definite = [one.label == label for one, label in found if one.status == "scored"]
            figures = {
                "language": language,
                "author": author,
                "n": len(found),
                "auc": round(area, 3),
                "definite": round(len(definite) / len(found), 2),
                "right": round(sum(definite) / len(definite), 3),
            }
            print(json.dumps(figures))


if __name__ == "__main__":
    main()
