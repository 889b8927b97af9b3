"""Every figure Heardback publishes, as pure functions over integer counts.

It must never know the database, Flask, or the clock: days come in as whole numbers, results go out
as frozen dataclasses. The papers the formulas come from are named where they are used.
"""
