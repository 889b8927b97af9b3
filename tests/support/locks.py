"""How long others keep SQLite's write lock, seen from a connection of one's own."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

LOOK_EVERY = 0.01


class Watch:
    """`holds`: seconds for which the lock could not be had, one after the other."""

    def __init__(self) -> None:
        self.holds: list[float] = []

    @property
    def longest(self) -> float:
        return max(self.holds, default=0.0)

    def look(self, path: str, is_over: threading.Event) -> None:
        """Ask for the lock again and again, and give it back at once."""
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            free_at, was_free = time.monotonic(), True
            while not is_over.wait(LOOK_EVERY):
                try:
                    other.execute("BEGIN IMMEDIATE")
                    other.execute("ROLLBACK")
                except sqlite3.OperationalError:
                    was_free = False
                    continue
                if not was_free:
                    self.holds.append(time.monotonic() - free_at)
                free_at, was_free = time.monotonic(), True
            if not was_free:
                self.holds.append(time.monotonic() - free_at)


@contextmanager
def watching(path: str) -> Iterator[Watch]:
    """Watch the lock of the database in the file PATH meanwhile."""
    watch, is_over = Watch(), threading.Event()
    thread = threading.Thread(target=watch.look, args=(path, is_over))
    thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        thread.join()


@contextmanager
def held(path: str) -> Iterator[None]:
    """Keep the lock meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
