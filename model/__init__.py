"""Divided space-time attention for visual tracking, without Qt and without the application."""
