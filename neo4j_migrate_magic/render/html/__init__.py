"""Results as HTML for a cell: fragments without script, readable on light and dark."""
