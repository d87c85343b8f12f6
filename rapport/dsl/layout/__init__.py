"""How files are written: one layout for everybody, and mends of what is mechanical; comments stay where they belong."""
