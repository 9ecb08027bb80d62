"""The run's memory: every fact is fetched once, when it is first asked for."""
