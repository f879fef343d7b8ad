"""What the window stands on, without Qt: sources, overlay, writer, tables, the tracking job."""
