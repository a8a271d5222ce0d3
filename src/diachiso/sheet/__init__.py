"""Tables as people keep them: read from CSV, workbooks and Parquet, and written with columns added.

What stood in a file is kept as it stood; only columns are added.
"""
