"""What the company's own tills, call centres and servers may ask about one customer."""
