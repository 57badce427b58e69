"""AWS: the only place, with the channels, that knows it."""
