"""Words that claim a cause: none may stand in anything said of a figure."""

import re

# The one sentence that may name cause: it denies it.
_DENIAL = r"(?<!not proof of )(?<!pas une preuve de )"
CAUSAL = re.compile(
    r"(?i)\b(?:will|because|improv\w*|leads? to|led to|thanks to|due to|boost\w*|effects? of"
    rf"|results? in|mak(?:e|es|ing) (?:them|candidates|ratings?)|{_DENIAL}caus\w*"
    r"|parce qu\w*|grâce (?:à|aux?)|en raison d\w+|amélior\w*|augment\w*|provoqu\w*|entraîn\w*"
    r"|condui\w* à|effets? d\w*|permet\w* d\w*)\b"
)
