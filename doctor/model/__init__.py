"""The words of a run as frozen records and closed enums. Knows nothing else."""
