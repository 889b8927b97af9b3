"""Rebuild the shipped weights from licence-clean rows, with scikit-learn:
`python -m tests.tools.training --base FILE --out MODEL.json [--language fr]`.

It must never see rows whose licence
forbids it and never writes a sentence, only weights: NOTICE names the rows it may use.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import click

from portal.cli.common import refuse
from portal.sentiment.analyzer import text_features
from portal.sentiment.model import damped
from portal.sentiment.resources import checksum

LICENCE_CLEAN = "sha256:c7429363e6a5ef98864c81a630727af490e6933cb029daedaef41e8f5770d787"
OWN_CORPUS = Path(__file__).with_name("corpus.csv")

FEATURES_KEPT = {"en": 11_000, "fr": 5_500}  # together under 300 kB
MINIMUM_ROWS_WITH_FEATURE = 2
IDF_STEP = 0.25
# scikit-learn's C per voice (model.Voices): our own few comments may bend their weights more.
REGULARISATION = {"general": 1.0, "own": 10.0, "hiring": 1.0}
# Sentences about services are nearer to what candidates write than film and newspaper ones.
UCI_WEIGHT = 3.0


class TrainingUnavailable(RuntimeError):
    """scikit-learn is not installed."""


class BadTrainingFile(ValueError):
    """A file may not or cannot be trained on; the message is one line and names the file."""


class Row(NamedTuple):
    """One labelled text."""

    text: str
    label: str
    source: str


def train(
    base: Path | None,
    out: Path,
    language: str = "en",
    corpus: Path = OWN_CORPUS,
    licence_clean: str = LICENCE_CLEAN,
) -> dict[str, Any]:
    """Fit on `base` (CSV.gz: text, label, source, lang) and on our own corpus; write `out`.

    Returns the provenance written into the file. Two runs give the same bytes. `base` must be
    the one file whose licences were read, by its checksum `licence_clean`. Raises
    TrainingUnavailable without scikit-learn, BadTrainingFile for any other file.
    """
    if base is not None and _checksum(base) != licence_clean:
        raise BadTrainingFile(f"{base} is not the licence-clean file of {licence_clean}")
    rows = read_rows(base, language) if base else []
    rows += read_rows(corpus, language)
    labels = {row.label for row in rows}
    if labels != {"pos", "neg"}:
        raise BadTrainingFile(f"rows labelled pos and neg are needed, found {sorted(labels)}")
    data = fit(rows, language)
    read = [path for path in (base, corpus) if path is not None]
    data["provenance"]["files"] = {path.name: _checksum(path) for path in read}
    out.write_text(_as_json(data), encoding="utf-8")
    provenance: dict[str, Any] = data["provenance"]
    return provenance


def read_rows(path: Path, language: str) -> list[Row]:
    """Rows of `path` labelled pos or neg in `language`; `own:<author>` is our corpus's source."""
    rows: list[Row] = []
    with _opened(path) as file:
        reader = csv.DictReader(file)
        if not {"text", "label", "lang"} <= set(reader.fieldnames or ()):
            raise BadTrainingFile(f"{path.name}: the columns text, label and lang are needed")
        for found in reader:
            if found["lang"] == language and found["label"] in ("pos", "neg"):
                source = found.get("source") or f"own:{found.get('author', '')}"
                rows.append(Row(found["text"], found["label"], source))
    return rows


def fit(rows: Sequence[Row], language: str) -> dict[str, Any]:
    """The model file's content for labelled rows; see model.Model for its shape.

    Raises TrainingUnavailable without scikit-learn.
    """
    classifier_class = _classifier_class()
    texts = [text_features(row.text, language) for row in rows]
    idf = _inverse_frequencies(texts)
    vocabulary = sorted(idf)
    voices = _fit_voices(classifier_class, rows, texts, vocabulary, idf)
    kept = FEATURES_KEPT[language]
    if len(vocabulary) > kept:
        said = {name: sum(abs(v.weights[name]) for v in voices.values()) for name in vocabulary}
        strongest = sorted(vocabulary, key=lambda name: (-said[name], name))
        vocabulary = sorted(strongest[:kept])
        voices = _fit_voices(classifier_class, rows, texts, vocabulary, idf)
    return {
        "provenance": {
            "language": language,
            "rows": dict(sorted(Counter(row.source.split(":")[0] for row in rows).items())),
            "C": {voice: fitted.c for voice, fitted in voices.items()},
            "uci_weight": UCI_WEIGHT,
            "features": len(vocabulary),
        },
        "bias": {voice: round(fitted.bias, 4) for voice, fitted in voices.items()},
        "groups": _groups(voices, idf),
    }


class _Fitted(NamedTuple):
    c: float
    bias: float
    weights: dict[str, float]


def _fit_voices(
    classifier_class: Any,
    rows: Sequence[Row],
    texts: Sequence[Mapping[str, float]],
    vocabulary: Sequence[str],
    idf: Mapping[str, float],
) -> dict[str, _Fitted]:
    """Every voice the rows can teach: our own comments alone teach only "own"."""
    matrix = _matrix(texts, vocabulary, idf)
    positive = [row.label == "pos" for row in rows]
    is_own = [row.source.startswith("own:") for row in rows]
    weights = [UCI_WEIGHT if row.source.startswith("uci:") else 1.0 for row in rows]

    def fit_on(voice: str, chosen: Sequence[int], labels: Sequence[bool]) -> _Fitted:
        classifier = classifier_class(
            C=REGULARISATION[voice], class_weight="balanced", max_iter=500
        )
        sides = [labels[at] for at in chosen]
        classifier.fit(matrix[chosen], sides, sample_weight=[weights[at] for at in chosen])
        found = classifier.coef_[0].tolist()
        weights_found = dict(zip(vocabulary, found, strict=True))
        return _Fitted(REGULARISATION[voice], float(classifier.intercept_[0]), weights_found)

    everything = range(len(rows))
    own = [at for at in everything if is_own[at]]
    others = [at for at in everything if not is_own[at]]
    if not others:
        return {"own": fit_on("own", own, positive)}
    return {
        "general": fit_on("general", others, positive),
        "own": fit_on("own", own, positive),
        "hiring": fit_on("hiring", everything, is_own),
    }


def _opened(path: Path) -> TextIO:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    file: TextIO = opener(path, "rt", encoding="utf-8-sig", newline="")
    return file


def _checksum(path: Path) -> str:
    try:
        return checksum(path)
    except OSError as error:
        raise BadTrainingFile(f"{path}: {error.strerror}") from error


def _classifier_class() -> Any:
    """scikit-learn's class, loaded only here: the tests need it for this alone."""
    try:
        return import_module("sklearn.linear_model").LogisticRegression
    except ImportError as error:
        raise TrainingUnavailable(
            "training needs scikit-learn: pip install -r tests/requirements.txt"
        ) from error


def _matrix(
    texts: Sequence[Mapping[str, float]], vocabulary: Sequence[str], idf: Mapping[str, float]
) -> Any:
    """Rows as model.Model computes them: L2-normed damped(amount)·idf of the known features."""
    csr_matrix = import_module("scipy.sparse").csr_matrix
    place = {name: number for number, name in enumerate(vocabulary)}
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for text in texts:
        row = {name: damped(n) * idf[name] for name, n in text.items() if name in place}
        length = math.sqrt(sum(value * value for value in row.values())) or 1.0
        columns += [place[name] for name in row]
        values += [value / length for value in row.values()]
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(texts), len(vocabulary)))


def _inverse_frequencies(texts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    seen: Counter[str] = Counter()
    number = 0
    for text in texts:
        seen.update(text.keys())
        number += 1
    return {
        name: round((math.log((1 + number) / (1 + rows)) + 1.0) / IDF_STEP) * IDF_STEP
        for name, rows in seen.items()
        if rows >= MINIMUM_ROWS_WITH_FEATURE
    }


def _groups(voices: Mapping[str, _Fitted], idf: Mapping[str, float]) -> list[dict[str, Any]]:
    """Features by idf, weights in hundredths; what rounds to nothing is still counted in norms."""
    groups: dict[float, list[str]] = {}
    for name in sorted(voices["own"].weights):
        groups.setdefault(idf[name], []).append(name)
    return [
        {"idf": value, "features": " ".join(names)}
        | {
            voice: [round(100 * fitted.weights[name]) for name in names]
            for voice, fitted in voices.items()
        }
        for value, names in sorted(groups.items())
    ]


def _as_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


@click.command()
@click.option("--base", type=click.Path(path_type=Path), help="The licence-clean sentences.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file of weights.")
@click.option("--language", type=click.Choice(("en", "fr")), default="en", show_default=True)
def main(base: Path | None, out: Path, language: str) -> None:
    """Rebuild the shipped weights of one language; English needs --base."""
    if base is None and language == "en":
        refuse("English needs --base FILE.")
    try:
        provenance = train(base, out, language)
    except (TrainingUnavailable, BadTrainingFile, OSError) as error:
        refuse(str(error))
    click.echo(f"{out}: {json.dumps(provenance, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
