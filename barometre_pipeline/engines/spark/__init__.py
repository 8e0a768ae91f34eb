"""The models and the rules on Apache Spark: `translation` writes them in its SQL, `running` runs them.

DuckDB's arithmetic is the reference. Only `running` needs pyspark and Java.
"""
