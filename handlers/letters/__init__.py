"""What became of the messages that the hub owed to people: what was lost, why, and sending it again."""
