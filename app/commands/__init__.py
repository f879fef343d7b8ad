"""One module per command of `spacetime-tracker`."""
