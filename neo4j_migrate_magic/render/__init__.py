"""Results as text and as DataFrames; nothing here prints, connects or decides."""
