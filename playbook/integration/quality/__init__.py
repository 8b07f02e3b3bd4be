"""How good the sources are: completeness, checks, score, anomalies, reconciliation."""
