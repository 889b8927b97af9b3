"""Figures of a file of candidates."""
