"""What the desktop application does with results: recording, exporting, projects. Without Qt."""
