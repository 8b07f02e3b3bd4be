"""What notebook 01 shows: the summary, its tables and figures, and why records are one customer."""
