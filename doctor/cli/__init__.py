"""The command line: one file per command. Only here are stdout, the environment and exit codes touched."""
