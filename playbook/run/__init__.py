"""One run: its folder and lock, its steps and their keys, its state, and how the result is published."""
