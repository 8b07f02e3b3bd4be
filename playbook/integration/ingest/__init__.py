"""From rows of text to accepted rows: staging, validation, the status of every row, the as-of day, what has changed."""
