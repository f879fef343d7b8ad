"""Playing a source with its targets: seeking, live looking back, corrections, undo."""
