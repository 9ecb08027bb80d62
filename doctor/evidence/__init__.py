"""Evidence: what a run saw, kept in one file, without secrets and on request without names."""
