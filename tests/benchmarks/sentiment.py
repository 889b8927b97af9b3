"""Run by hand: `python -m tests.benchmarks.sentiment [FILE.csv]`: speed beside TextBlob, memory.

Seconds mean little by themselves: rounds of ours and of TextBlob's are taken in turn, and only
their ratio is a figure. Without FILE the texts are the product's own corpus.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

from portal.sentiment.evaluation import evaluate, read_rows
from tests.tools.training import OWN_CORPUS

_GROWTH = """
import resource, sys
def used():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
import portal.jobs
before = used()
from portal.sentiment.analyzer import analyze
imported = used()
for language, text in (("en", "They never wrote back."), ("fr", "Aucune nouvelle depuis.")):
    for _ in range(200):
        analyze(text * 20, language)
print(before, imported, used())
"""


def main(path: Path) -> None:
    """Print one JSON object: texts per second of both, their ratio, MiB the analyzer takes."""
    found = evaluate(read_rows(path)[:400]).report
    ours, stock = found["texts_per_second"], found["textblob_texts_per_second"]
    done = subprocess.run(
        [sys.executable, "-c", _GROWTH], capture_output=True, text=True, check=True
    )
    before, imported, after = (float(number) for number in done.stdout.split())
    report = {
        "texts_per_second": round(ours),
        "textblob_texts_per_second": round(stock),
        "ratio": round(ours / stock, 2),
        "mib_before": round(before, 1),
        "mib_imported": round(imported - before, 1),
        "mib_used": round(after - before, 1),
        "peak_here_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OWN_CORPUS)
