"""What the window stands on, without Qt: sources, overlay, recorder, tables, the tracking job."""
