"""Tables of boxes out and in: CSV, JSON Lines, MOTChallenge, COCO, OTB and GOT-10k.

A table that is written while tracking gathers its rows in `NAME.part`, flushed as they come, and
stands at its place once it is complete; until then a former file stays there.
"""

from app.core.exchange.formats import (
    FORMATS,
    ONE_TARGET,
    SUFFIXES,
    detect_format,
    open_table,
    read_boxes,
    read_rows,
    table_format,
    write_boxes,
)
from app.core.exchange.otb import read_truth
from app.core.exchange.rows import COLUMNS, BoxRow, BoxSet, BoxTable, TableInfo

__all__ = [
    "COLUMNS",
    "FORMATS",
    "ONE_TARGET",
    "SUFFIXES",
    "BoxRow",
    "BoxSet",
    "BoxTable",
    "TableInfo",
    "detect_format",
    "open_table",
    "read_boxes",
    "read_rows",
    "read_truth",
    "table_format",
    "write_boxes",
]
