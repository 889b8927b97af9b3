"""Fit how much each number of a text counts, and write it into the language's scalars:
`python -m tests.tools.combining --labelled FILE [--base FILE] [--language fr]`.

Our own comments enter by models that never saw their author; FILE's rows (label, source) by the
shipped model. Nothing is fitted per word, no sentence is written.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import click

from portal.cli.common import refuse
from portal.sentiment import measures
from portal.sentiment.analyzer import _resources
from portal.sentiment.combination import About, Combination, Numbers, terms
from portal.sentiment.model import Model, sigmoid
from portal.sentiment.resources import DATA
from portal.sentiment.scoring import ReadText, read, weighed_numbers
from portal.sentiment.tokens import tokenise
from tests.tools import training

# How much a row of each source counts beside one of our own comments (1): interviews are what
# candidates write, reviews of employers only keep the rest from being forgotten.
SHARES = {
    "glassdoor-interview": 4.0,
    "glassdoor-review-headline": 0.6,
    "glassdoor-review-full": 0.6,
    "glassdoor-review-pros": 0.1,
    "glassdoor-review-cons": 0.1,
    "glassdoor-fr-pros": 1.0,
    "glassdoor-fr-cons": 1.0,
}
REGULARISATION = 0.5  # 1 / ridge, on numbers of variance 1
LEAST = {
    "general": 0.0,
    "own": 0.0,
    "praise": 1.0,
    "blame": 1.0,
    "good_words": 0.5,
    "bad_words": 0.5,
}
FOLDS = 5


class Sample(NamedTuple):
    """One labelled text as numbers; `group` is what is left out together in the figures."""

    numbers: Numbers
    about: About
    is_pos: bool
    source: str
    group: str
    share: float


def models_without(rows: Sequence[training.Row], language: str) -> Iterator[tuple[str, Model]]:
    """Each author of our own comments, and the model of everything else."""
    for source in sorted({row.source for row in rows if row.source.startswith("own:")}):
        left = [row for row in rows if row.source != source]
        yield source, Model(training.fit(left, language))


def samples(labelled: Path, base: Path | None, language: str) -> list[Sample]:
    """Our own comments by left-out author, then the rows of LABELLED that have a share."""
    resources, found = _resources(language), []
    rows = training.read_rows(base, language) if base else []
    rows += training.read_rows(training.OWN_CORPUS, language)
    readings = {row.text: _read(row.text, language) for row in rows if _is_own(row)}
    for source, model in models_without(rows, language):
        without = resources._replace(model=model)
        for row in rows:
            if row.source == source:
                numbers, about = weighed_numbers(readings[row.text], without)
                found.append(Sample(numbers, about, row.label == "pos", "own", source, 1.0))
    shuffled = random.Random(1)
    for row in training.read_rows(labelled, language):
        source = row.source.partition(":")[0]
        whole = source.removesuffix("-pros").removesuffix("-cons")
        numbers, about = weighed_numbers(_read(row.text, language), resources)
        group = f"fold {shuffled.randrange(FOLDS)}"
        sample = Sample(numbers, about, row.label == "pos", whole, group, SHARES.get(source, 0.0))
        found.append(sample)
    return found


def fit(rows: Sequence[Sample]) -> Combination:
    """The regression's coefficients for numbers as they are, to three decimals.

    Whatever a text is about, no number may count for less than its LEAST: the models learn from
    the same rules, and a free fit lets them take all of it ("Rude." would say nothing).
    """
    numpy = import_module("numpy")
    used = [row for row in rows if row.share]
    matrix = numpy.array([terms(row.numbers, row.about) for row in used])
    middle, spread = matrix.mean(0), matrix.std(0)
    spread[spread == 0] = 1.0  # a language without a model has only zeros for it
    sides, shares = numpy.array([row.is_pos for row in used]), numpy.array([r.share for r in used])
    corners = _corners(numpy, (matrix != 0).any(0), spread)
    found = _minimise(numpy, (matrix - middle) / spread, sides, shares, corners)
    weights = found[:-1] / spread
    intercept = float(found[-1] - (weights * middle).sum())
    plain = [round(float(weight), 3) for weight in weights]
    size = 3 * len(Numbers._fields)
    by_number = tuple((plain[at], plain[at + 1], plain[at + 2]) for at in range(0, size, 3))
    told, hiring, length, both = plain[size:]
    return Combination(by_number, (told, hiring, length, both), round(intercept, 3))


def _corners(numpy: Any, is_used: Any, spread: Any) -> tuple[Any, Any]:
    """Rows r and least values m with r·weights >= m: each number, told or not, hiring or not."""
    rows, least = [], []
    for at, name in enumerate(Numbers._fields):
        for told, hiring in product((0.0, 1.0), repeat=2):
            row = numpy.zeros(len(spread) + 1)
            row[3 * at : 3 * at + 3] = (1.0, told, hiring) / spread[3 * at : 3 * at + 3]
            if is_used[3 * at]:
                rows.append(row)
                least.append(LEAST[name])
    return numpy.array(rows), numpy.array(least)


def _minimise(numpy: Any, matrix: Any, sides: Any, shares: Any, corners: tuple[Any, Any]) -> Any:
    """Weights and, last, the intercept of the ridge logistic regression within CORNERS."""

    def loss(weights: Any) -> tuple[float, Any]:
        logit = matrix @ weights[:-1] + weights[-1]
        missed = shares * (1.0 / (1.0 + numpy.exp(-logit.clip(-700, 700))) - sides)
        ridge = (weights[:-1] ** 2).sum() / REGULARISATION / 2.0
        value = (shares * (numpy.logaddexp(0.0, logit) - sides * logit)).sum() + ridge
        by_weight = matrix.T @ missed + weights[:-1] / REGULARISATION
        return value, numpy.append(by_weight, missed.sum())

    rows, least = corners
    found = import_module("scipy.optimize").minimize(
        loss,
        numpy.zeros(matrix.shape[1] + 1),
        jac=True,
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda w: rows @ w - least, "jac": lambda _: rows},
        options={"maxiter": 500},
    )
    if not found.success:
        raise RuntimeError(f"the fit did not settle: {found.message}")
    return found.x


def figures(rows: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Per source: n, AUC, macro-F1 at .5 and calibration error, each row by a fit without it."""
    chances: dict[str, list[tuple[float, bool]]] = {}
    for group in sorted({row.group for row in rows}):
        combination = fit([row for row in rows if row.group != group])
        for row in rows:
            if row.group == group:
                p = sigmoid(combination.log_odds(row.numbers, row.about))
                chances.setdefault(row.source, []).append((p, row.is_pos))
    return {source: _figures(found) for source, found in sorted(chances.items())}


def _figures(found: Sequence[tuple[float, bool]]) -> dict[str, float]:
    ps, sides = [p for p, _ in found], [side for _, side in found]
    said = ["pos" if p >= 0.5 else "neg" for p in ps]
    area = measures.area_under_curve(ps, sides)
    f1 = measures.macro_f1(said, ["pos" if side else "neg" for side in sides])
    error = measures.calibration_error(ps, sides)
    plain = {"auc": area, "macro_f1": f1, "ece": error}
    return {"n": len(found)} | {k: round(v, 3) for k, v in plain.items() if v is not None}


def _read(text: str, language: str) -> ReadText:
    return read(tokenise(text, language), _resources(language))


def _is_own(row: training.Row) -> bool:
    return row.source.startswith("own:")


def as_data(combination: Combination) -> dict[str, Any]:
    """What Combination.of reads."""
    numbers = dict(zip(Numbers._fields, map(list, combination.by_number), strict=True))
    about = list(combination.by_about)
    return {"numbers": numbers, "about": about, "intercept": combination.intercept}


@click.command()
@click.option("--labelled", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--base", type=click.Path(path_type=Path, exists=True), help="As for training.")
@click.option("--language", type=click.Choice(("en", "fr")), default="en", show_default=True)
@click.option("--date", required=True, help="The day that is written into the file.")
def main(labelled: Path, base: Path | None, language: str, date: str) -> None:
    """Fit the combination of one language and write it into its scalars."""
    if base is None and language == "en":
        refuse("English needs --base FILE.")
    path = DATA / language / "scalars.json"
    rows = samples(labelled, base, language)
    data = json.loads(path.read_text(encoding="utf-8"))
    data["combination"] = as_data(fit(rows))
    data["fitted"] = {
        "date": date,
        "on": "own corpus by leaving authors out",
        "figures": figures(rows),
    }
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    click.echo(json.dumps(data["fitted"]["figures"], indent=1))


if __name__ == "__main__":
    main()
