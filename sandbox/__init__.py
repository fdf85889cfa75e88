"""Stand-ins for every platform the hub talks to; they know it by HTTP and WebSocket only and import nothing of it."""
