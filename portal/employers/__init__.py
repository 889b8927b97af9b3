"""What is valid of an employer, whoever sets it."""
