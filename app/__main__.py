"""Entry point of the console command and of `python -m app`."""

import sys


def main() -> None:
    """Run the command line; the exit code says how it went (see `app.cli`)."""
    try:
        from app.cli import app
    except KeyboardInterrupt:
        sys.exit(130)
    app()


if __name__ == "__main__":
    main()
