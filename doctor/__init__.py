"""What a run of agentdoctor is: the target, the session, the engine, the reasoning, the command line."""

__version__ = "0.1.0"
