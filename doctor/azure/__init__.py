"""Everything that leaves the machine: one transport, credentials, ARM, Resource Graph and the Foundry data plane."""
