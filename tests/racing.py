"""Several threads that do the same at once."""

import threading
from collections.abc import Callable

RACERS = 4


def race(racer: Callable[[Callable[[], object]], object]) -> None:
    """Run it in so many threads. Each is given what waits until all have come to it."""
    together = threading.Barrier(RACERS)
    threads = [threading.Thread(target=racer, args=(together.wait,)) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
