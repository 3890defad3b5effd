"""How a process of the hub uses its memory."""

import gc


def calm_garbage_collector() -> None:
    """Look for garbage rarely, and never in what was loaded at the start: batches make many objects and no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
