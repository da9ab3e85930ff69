"""What is measured for the Status page, and how it is told."""
