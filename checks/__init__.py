"""What can be wrong: one file per check; the file is also that check's documentation."""
