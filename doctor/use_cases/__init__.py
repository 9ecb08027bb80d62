"""What can be asked of this product, as plain typed functions: no terminal, no environment, no exit code."""
