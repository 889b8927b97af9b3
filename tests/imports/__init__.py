"""Files of candidates, read, checked and applied."""
