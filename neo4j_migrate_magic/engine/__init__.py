"""Plan, run, and what a Python migration gets."""
