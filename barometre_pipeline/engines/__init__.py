"""Where the models run beside DuckDB: one room an engine, which gives the cells that DuckDB gives."""
