"""Learning: what models may know of a customer, and how their exports score one."""
