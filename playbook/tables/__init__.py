"""The standard tables and the engine that makes them: schema, SQL on DuckDB, files for people, privacy."""
