"""What the stream door holds: one long connection for each platform that has one, and the deliveries that go by it."""
