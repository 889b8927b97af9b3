"""Files of candidates, read."""
