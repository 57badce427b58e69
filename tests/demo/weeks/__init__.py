"""Three weeks of a shop on a virtual clock: the real functions over an AWS in memory."""
