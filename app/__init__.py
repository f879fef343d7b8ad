"""The desktop application, its command line and its Qt-free core."""
