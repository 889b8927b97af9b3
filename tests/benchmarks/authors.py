"""How well a comment is read whose author the weights never saw: each author of our own left out.

`python -m tests.benchmarks.authors [--base FILE]`; FILE: the licence-clean sentences, for English.
Neither rules nor the combination are made anew: where they were made after reading an author, the
figure flatters.
"""

import argparse
import json
from pathlib import Path

from portal.sentiment.analyzer import _resources
from portal.sentiment.measures import area_under_curve
from portal.sentiment.scoring import estimate, read
from portal.sentiment.tokens import tokenise
from tests.tools import training
from tests.tools.combining import models_without


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path)
    base = parser.parse_args().base
    for language in ("en", "fr") if base else ("fr",):
        rows = training.read_rows(base, language) if base else []
        rows += training.read_rows(training.OWN_CORPUS, language)
        for author, model in models_without(rows, language):
            resources = _resources(language)._replace(model=model)
            mine = [row for row in rows if row.source == author]
            readings = [read(tokenise(row.text, language), resources) for row in mine]
            found = [
                estimate(row.text, reading, resources, None, "")
                for row, reading in zip(mine, readings, strict=True)
            ]
            print(json.dumps({"language": language, "author": author} | figures(mine, found)))


def figures(rows, found) -> dict[str, float]:
    """n, AUC, share definite, and of these the share right."""
    pairs = list(zip(found, rows, strict=True))
    area = area_under_curve([one.q for one, _ in pairs], [row.label == "pos" for _, row in pairs])
    definite = [one.label == row.label for one, row in pairs if one.status == "scored"]
    return {
        "n": len(pairs),
        "auc": round(area, 3),
        "definite": round(len(definite) / len(pairs), 2),
        "right": round(sum(definite) / len(definite), 3),
    }


if __name__ == "__main__":
    main()
