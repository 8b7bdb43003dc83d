"""All cores, results in order."""

import os
from concurrent.futures import ProcessPoolExecutor


def each(function, things):
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(function, things, chunksize=1)
