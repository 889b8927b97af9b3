"""Run as a process of its own: the workbook on standard input, its rows on standard output.

Imports nothing of portal, and knows nothing of candidates. The first line says which sheets there
are, or why the workbook is refused; every other is a row as a JSON list: its number, its cells.
"""
