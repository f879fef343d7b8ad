"""Export of what was tracked: tables of boxes, and videos drawn anew from their source."""

from app.core.studio.exporting.job import ExportJob, ExportProgress, ExportResult
from app.core.studio.exporting.request import (
    EXPORTS,
    ExportFormat,
    ExportRequest,
    ExportSource,
    Kind,
    Manner,
    planned_paths,
    with_ending,
)

__all__ = [
    "EXPORTS",
    "ExportFormat",
    "ExportJob",
    "ExportProgress",
    "ExportRequest",
    "ExportResult",
    "ExportSource",
    "Kind",
    "Manner",
    "planned_paths",
    "with_ending",
]
