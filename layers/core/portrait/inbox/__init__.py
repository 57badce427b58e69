"""What waits for a customer where they come by themselves: showing it, and taking answers."""
