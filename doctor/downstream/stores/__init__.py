"""The permission stores of targets, one module each."""
