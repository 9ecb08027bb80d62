"""Whatever answers, is named, or is given: the tool does not lie, hang, swell or tell a secret."""
