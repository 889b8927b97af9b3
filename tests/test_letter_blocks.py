"""Letters' plain text as paragraphs, lists and links."""

import pytest

from portal.letters import Placeholders, Text, blocks
from portal.letters.filling import fill_in


def shape(body: str) -> list:
    """BODY's blocks: a list of its items for a list, else its text; links between angles."""
    return [
        lines if block.is_list else "\n".join(lines)
        for block in blocks(body)
        for lines in [
            ["".join(f"<{p.text}>" if p.link else p.text for p in line) for line in block.lines]
        ]
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("One\ntwo\n\n\nthree", ["One\ntwo", "three"]),
        ("We need:\n- a\n- b\nThanks", ["We need:", ["a", "b"], "Thanks"]),
        ("-5 degrees\n- \n--", ["-5 degrees\n- \n--"]),
        (
            "See https://x.example/a_(b)?q=1&r=2, or (https://y.example).",
            ["See <https://x.example/a_(b)?q=1&r=2>, or (<https://y.example>)."],
        ),
        (
            "http://x.example javascript:alert(1) https://",
            ["http://x.example javascript:alert(1) https://"],
        ),
        ('https://x.example/"onclick=1', ['<https://x.example/>"onclick=1']),
        ("- https://x.example", [["<https://x.example>"]]),
        ("Le poste « Infirmier » : oui !", ["Le poste «\xa0Infirmier\xa0»\xa0: oui\xa0!"]),
    ],
)
def test_what_a_text_reads_as(body, found):
    assert shape(body) == found


def test_a_paragraph_with_nothing_to_say_is_left_out_and_names_are_never_read():
    body = "Dear {candidate},\n\n{reason}\n\nNext: {next_step}\n\n{sender}"
    values = Placeholders("{reason}", "R", "E", "S", reason="Because.", next_step="")
    assert fill_in(Text("{role}", body), values).body == "Dear {reason},\n\nBecause.\n\nS"
    nameless = Placeholders("", "R", "E", "S")
    assert fill_in(Text("{role}", body), nameless).body == "Hello,\n\nS"
