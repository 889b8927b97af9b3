"""Analyzers of the tests' own: versions that read comments otherwise, as a new release would."""

from types import SimpleNamespace

from portal import surveys
from portal.extensions import db
from portal.jobs import work


class Reader:
    """Reads a comment by its first word: "good" positive, "bad" negative, anything else unclear.

    `turned` reads both the other way round. Marks that word, which speaks of respect.
    """

    def __init__(self, version: str, turned: bool = False) -> None:
        self.version, self.turned = version, turned
        self.calls = 0

    def __call__(self, text, language, calibration=None):
        self.calls += 1
        word = text.split(" ")[0]
        if not text:
            return self._reading("not_scored", reason="empty")
        at_word = {"text": word, "start": 0, "end": len(word)}
        if (read := word.lower().rstrip(".")) not in ("good", "bad"):
            return self._reading("unclear", "pos", 0.5, at_word)
        is_good = (read == "good") is not self.turned
        phrase = at_word | {"weight": 0.8 if is_good else -0.8, "rule": None}
        verdict = ("pos", 0.9) if is_good else ("neg", 0.1)
        return self._reading("scored", *verdict, at_word, [phrase])

    def _reading(self, status, label=None, p=None, at_word=None, phrases=(), reason=None):
        return SimpleNamespace(
            status=status,
            reason=reason,
            label=label,
            p=p,
            q=p,
            phrases=list(phrases),
            aspects=["respect"] if label else [],
            aspect_words=[at_word | {"aspect": "respect"}] if label else [],
            language="en" if label else None,
        )


def rescore_by(analyzer) -> surveys.Edition:
    """What `flask sentiment rescore` does when ANALYZER is installed."""
    db.session.rollback()
    edition = surveys.newest_edition(analyzer.version)
    work._drain(lambda: surveys.rescore(analyzer, edition))
    return edition


def activate(edition: surveys.Edition) -> None:
    surveys.activate(edition)
    db.session.commit()
