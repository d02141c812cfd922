"""The only owner of our labels: records, events, the lock."""
