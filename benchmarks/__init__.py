"""The measurements: what the hub does in a second, beside the naive way and the bare loop, in one run."""
