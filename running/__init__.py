"""What `run.py` is made of: the stop signals, the processes, the demo's own folder, outside servers."""
