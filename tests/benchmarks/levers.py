"""How often the levers' ranges hold the truth, and how long a fit takes.

`python -m tests.benchmarks.levers [--seeds 5] [--employers 60]`; a world a line, levers in order.
"""

import argparse
import time

from portal.statistics.lever_model import fit_model
from portal.statistics.levers import LEVERS, estimate_levers
from tests.support.lever_worlds import (
    BEYOND,
    GRID,
    SELECTED,
    TWO_KINDS,
    UNRECORDED,
    World,
    draw,
    judge_all,
)


def describe(world: World) -> str:
    usual = vars(World())
    other = {name: value for name, value in vars(world).items() if value != usual[name]}
    return ", ".join(f"{name} {value:g}" for name, value in other.items()) or "as usual"


def measure(worlds: list[World], employers: int, seeds: int) -> None:
    for world in worlds:
        found = judge_all(world, employers, range(seeds))
        numbers = " ".join(f"{share:.3f}" for share in found.coverage)
        ratio = found.half_width / found.error
        print(
            f"{describe(world):50} {numbers}  {found.coverage.mean():.3f}  "
            f"{found.claims}/{found.employers} {found.right_share:.3f}  "
            f"{ratio.min():.1f}-{ratio.max():.1f}",
            flush=True,
        )


def measure_time() -> None:
    moments, _ = draw(World(150), 500, 1)
    began = time.perf_counter()
    model = fit_model(moments)
    fitted = time.perf_counter()
    estimate_levers(model, moments)
    done = time.perf_counter()
    print(f"500 employers: fit {fitted - began:.2f} s, effects {done - fitted:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--employers", type=int, default=60)
    given = parser.parse_args()
    measure_time()
    print(f"coverage of {', '.join(LEVERS)}; mean; named the largest, right; half-width/error")
    for title, worlds in (
        ("the grid", GRID),
        ("content people answer more often", SELECTED),
        ("employers of two kinds", TWO_KINDS),
        ("unrecorded tellings: no estimator can know", UNRECORDED),
        ("beyond what the model is made for", BEYOND),
    ):
        print(f"{title}:")
        measure(worlds, given.employers, given.seeds)
    print("500 employers:")
    large = [World(), World(25), World(200), World(strength=1.5, together=0.8)]
    measure(large, 500, 1)


if __name__ == "__main__":
    main()
