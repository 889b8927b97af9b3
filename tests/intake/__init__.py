"""Candidates coming in: checked, matched, applied."""
