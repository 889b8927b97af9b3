"""Candidates for test files: one plain row to vary, and crowds drawn from a fixed seed."""

import csv
import gzip
import random

HEADER = [
    "candidate_id",
    "employer_id",
    "decision_day",
    "role_family",
    "stage",
    "outcome",
    "told_after_days",
    "channel",
    "promise_made",
    "promise_days",
    "promise_kept",
    "feedback_given",
    "recorded_told",
    "answered",
    "rating",
    "chased",
    "reported_told",
]
PLAIN = dict.fromkeys(HEADER, "") | {
    "employer_id": "7",
    "decision_day": "100",
    "stage": "final",
    "outcome": "rejected",
    "told_after_days": "2",
    "channel": "email",
    "recorded_told": "1",
    "answered": "1",
    "rating": "4",
    "reported_told": "1",
}


def candidate(**facts):
    return PLAIN | {name: str(value) for name, value in facts.items()}


def write(path, rows, header=HEADER):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def people(n, seed, employers=12):
    """Candidates of several employers, the later numbers with better habits."""
    rng = random.Random(seed)
    rows = []
    for i in range(n):
        employer = rng.randrange(employers)
        outcome = rng.choice(["rejected"] * 6 + ["hired", "hired", "offer_declined", "withdrawn"])
        told = rng.random() < 0.4 + 0.04 * employer or outcome == "hired"
        delay = rng.choice([0, 1, 2, 5, 7, 8, 12, 20, 45]) if told else ""
        promised = rng.random() < 0.5
        promise_days = rng.choice([3, 7, 14])
        kept = promised and told and delay <= promise_days
        answered = rng.random() < (0.6 if told else 0.3)
        mean = 3.4 + 0.05 * employer + 0.9 * (outcome == "hired") - 0.9 * (not told)
        mean += -0.03 * (delay or 0) + 0.4 * kept
        stars = min(max(round(rng.gauss(mean, 1)), 1), 5)
        rows.append(
            candidate(
                candidate_id=i,
                employer_id=employer,
                decision_day=rng.randrange(500),
                role_family=rng.choice(["engineering", "sales", "finance", "law"]),
                stage=rng.choice(["screen", "interview", "final"]),
                outcome=outcome,
                told_after_days=delay,
                channel=rng.choice(["phone", "email", "portal", "in_person"]) if told else "none",
                promise_made=int(promised),
                promise_days=promise_days if promised else "",
                promise_kept=int(kept),
                feedback_given=int(told and rng.random() < 0.4),
                recorded_told=int(told),
                answered=int(answered),
                rating=stars if answered else "",
                chased=rng.randrange(2),
                reported_told=int(told and rng.random() < 0.9),
            )
        )
    return rows


def largest_difference(first, second):
    """Of two results of one shape, the largest difference of any number."""
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        return max(largest_difference(first[k], second[k]) for k in first)
    if isinstance(first, list):
        assert len(first) == len(second)
        pairs = zip(first, second, strict=True)
        return max((largest_difference(a, b) for a, b in pairs), default=0.0)
    if isinstance(first, bool | str | None) or isinstance(second, bool | str | None):
        assert first == second
        return 0.0
    return abs(first - second)
