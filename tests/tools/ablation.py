"""What each family of rules is worth: the same texts read again without it.

`python -m tests.tools.ablation FILE.csv [--language fr]`; FILE as for `flask sentiment evaluate`.
The weights stay as they are, so a family they rest on shows its whole worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from portal.sentiment import measures
from portal.sentiment.analyzer import _resources
from portal.sentiment.evaluation import LabelledText, read_rows
from portal.sentiment.resources import Resources
from portal.sentiment.scoring import estimate, read
from portal.sentiment.tokens import tokenise


class Worth(NamedTuple):
    """How a file's texts are read: AUC, texts definite, of these wrong, texts the family hits."""

    auc: float
    definite: int
    wrong: int
    hits: int


def worth(rows: Sequence[LabelledText], resources: Resources, family: str) -> Worth:
    """Figures over the rows labelled pos or neg; `hits` counts the texts FAMILY is found in."""
    chances, sides, definite, wrong, hits = [], [], 0, 0, 0
    for row in rows:
        reading = read(tokenise(row.text, resources.language), resources)
        found = estimate(row.text, reading, resources, None, "")
        chances.append(found.q or 0.0)
        sides.append(row.label == "pos")
        if found.status == "scored":
            definite += 1
            wrong += found.label != row.label
        layers = (reading.hits.sentiment, reading.hits.scope)
        hits += any(hit.rule.family == family for layer in layers for hit in layer)
    return Worth(measures.area_under_curve(chances, sides) or 0.0, definite, wrong, hits)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--language", type=click.Choice(("en", "fr")), default="en", show_default=True)
def main(file: Path, language: str) -> None:
    """Print a line for each family: what changes on FILE when it is left out."""
    labelled = [row for row in read_rows(file) if row.label in ("pos", "neg")]
    rows = [row for row in labelled if row.language in (language, None)]
    resources = _resources(language)
    whole = worth(rows, resources, "")
    click.echo(
        f"{len(rows)} texts: AUC {whole.auc:.4f}, {whole.definite} definite, {whole.wrong} wrong"
    )
    click.echo(f"{'left out':18} {'texts hit':>9} {'AUC':>8} {'definite':>9} {'wrong':>6}")
    for family in sorted({r.family for r in resources.rules.rules if r.layer != "aspect"}):
        without = resources._replace(rules=resources.rules.without(family))
        hits = worth(rows, resources, family).hits
        left = worth(rows, without, family)
        click.echo(
            f"{family:18} {hits:9} {left.auc - whole.auc:+8.4f} {left.definite - whole.definite:+9}"
            f" {left.wrong - whole.wrong:+6}"
        )


if __name__ == "__main__":
    main()
