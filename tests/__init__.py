"""The tests; what all of them share is in conftest.py."""

import gc

gc.disable()  # until all is loaded (conftest.py): nothing of it is garbage
