"""What a column's values look like: see the column profiler."""

from playbook.integration.types.column_profiler import ColumnProfile as ColumnLook
from playbook.integration.types.column_profiler import profile_columns as looked_at

__all__ = ["ColumnLook", "looked_at"]
