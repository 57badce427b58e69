"""Portrait: one live portrait per customer, and the next relevant thing to say to each of them."""
