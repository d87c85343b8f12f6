"""The inbox of `rapport dev`: every mail that would have left, and buttons that act as its recipient."""
