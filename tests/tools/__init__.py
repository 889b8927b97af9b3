"""What makes and measures the shipped text estimates: no installation needs or holds it."""
