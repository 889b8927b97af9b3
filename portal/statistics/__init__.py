"""Every figure Heardback publishes, as pure functions over integer counts.

It must never know the database, Flask, or the clock: days come in as whole numbers, results go out
as frozen dataclasses. Formulas and their sources: the sections named in each docstring refer to the
project's statistics design.
"""
