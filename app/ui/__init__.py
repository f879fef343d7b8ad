"""The window. It shows; it decides nothing about tracking or files."""
