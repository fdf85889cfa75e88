"""What people ask about the work as a whole: how much lies where, what is late, what is wrong, how a day went, and what
holds things up."""
