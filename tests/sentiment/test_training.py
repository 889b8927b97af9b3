"""Rebuilding the weights: the same bytes twice, refusals in one line, weights that say it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.sentiment.analyzer import text_features
from portal.sentiment.model import Model
from portal.sentiment.resources import DATA, checksum
from tests.tools import training
from tests.tools.training import BadTrainingFile, TrainingUnavailable, train

GOOD = ["The call was lovely.", "A lovely, quick answer.", "Quick and lovely people.", "So lovely."]
BAD = [
    "The call was dreadful.",
    "A dreadful, slow answer.",
    "Slow and dreadful people.",
    "Dreadful.",
]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    lines = [f'"{text}",pos,uci:x,en' for text in GOOD] + [f'"{text}",neg,uci:x,en' for text in BAD]
    path = tmp_path / "base.csv"
    path.write_text(
        "text,label,source,lang\n" + "\n".join(lines) + '\n"Why.",neu,uci:x,en\n', "utf-8"
    )
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.csv"
    path.write_text(
        "text,lang,label,kind,aspects,author\n"
        "Wunderbar lovely.,en,pos,,,a\nWunderbar quick.,en,pos,,,b\nSchön.,de,pos,,,a\n"
        "Furchtbar slow.,en,neg,,,a\nFurchtbar.,en,neg,,,b\n",
        "utf-8",
    )
    return path


@pytest.fixture
def trainer() -> None:
    """scikit-learn, which only tests/requirements.txt names."""
    pytest.importorskip("sklearn", reason="scikit-learn (tests/requirements.txt) is not installed")


def clean(base: Path) -> str:
    """As if the licences of BASE had been read."""
    return checksum(base)


@pytest.mark.usefixtures("trainer")
def test_two_runs_give_the_same_bytes_and_sensible_weights(
    base: Path, corpus: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    provenance = train(base, first, "en", corpus, clean(base))
    train(base, second, "en", corpus, clean(base))
    assert first.read_bytes() == second.read_bytes()
    assert provenance["rows"] == {"own": 4, "uci": 8}
    assert set(provenance["files"]) == {"base.csv", "corpus.csv"}
    model = Model.load(first)
    assert model.read(text_features("lovely", "en")).general > 0.2
    assert model.read(text_features("dreadful", "en")).general < -0.2
    assert model.read(text_features("wunderbar", "en")).own > 0
    assert model.read({}) == model.bias


@pytest.mark.usefixtures("trainer")
def test_no_sentence_is_written(base: Path, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.json"
    train(base, out, "en", corpus, clean(base))
    written = out.read_text("utf-8")
    assert not any(text.rstrip(".").lower() in written.lower() for text in GOOD[:3] + BAD[:3])


def test_without_scikit_learn_it_refuses_in_one_line(
    base: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(training, "import_module", missing)
    with pytest.raises(TrainingUnavailable, match="scikit-learn") as refusal:
        train(base, tmp_path / "model.json", "en", corpus, clean(base))
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "model.json").exists()


@pytest.mark.parametrize(
    "content", ["text,lang\na,en\n", "text,label,lang\na,pos,en\n", "text,label,lang\n"]
)
def test_refuses_files_it_cannot_train_on(content: str, tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(BadTrainingFile):
        train(None, tmp_path / "model.json", "en", path)


def test_refuses_any_base_but_the_one_whose_licences_were_read(
    base: Path, corpus: Path, tmp_path: Path
) -> None:
    for path in (base, tmp_path / "none.csv.gz"):
        with pytest.raises(BadTrainingFile, match=path.name) as refusal:
            train(path, tmp_path / "model.json", "en", corpus)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_shipped_weights_are_small_and_say_where_they_come_from(language: str) -> None:
    path = DATA / f"{language}/model.json"
    assert path.stat().st_size <= 300_000
    provenance = json.loads(path.read_text("utf-8"))["provenance"]
    assert provenance["language"] == language
    assert provenance["rows"]
    assert provenance["files"]
