"""What sources.yml says: files, mapping, lookups, conditions, units, currencies."""
