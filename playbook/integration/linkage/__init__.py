"""From records to customers: exact identifiers, matching, clusters, decisions, ids that stay."""
