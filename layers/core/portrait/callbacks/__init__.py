"""What comes back from outside over HTTP: signed callbacks of webhooks, and clicks on links."""
