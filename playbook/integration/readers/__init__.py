"""From a file to rows of text: encodings, CSV, JSON, workbooks, logs, archives, databases."""
