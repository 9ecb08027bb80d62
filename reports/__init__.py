"""How it is told: one file per format; each takes a finished Report and returns text."""
