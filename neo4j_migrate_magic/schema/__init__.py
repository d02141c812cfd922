"""Indexes and constraints: the catalogue, what a change makes, its inverse."""
