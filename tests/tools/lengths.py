"""Advice, not a rule: which files and functions are longer than most. Meaning decides where to cut.

python -m tests.tools.lengths
"""

import ast

from portal.config import ROOT

LONG_FILE, LONG_FUNCTION = 400, 40  # lines


def long_ones() -> list[str]:
    """Every file and function of portal/ above the advice, the longest first."""
    found = []
    for path in sorted((ROOT / "portal").rglob("*.py")):
        text, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        if (lines := text.count("\n")) > LONG_FILE:
            found.append((lines, name))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > LONG_FUNCTION:
                    found.append((length, f"{name}: {node.name}"))
    return [f"{lines:5} lines  {name}" for lines, name in sorted(found, reverse=True)]


if __name__ == "__main__":
    print("\n".join(long_ones()) or "Nothing is longer than advised.")
