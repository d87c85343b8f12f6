"""The demo: a cast of made-up people who act through public doors, and a conductor who moves their clocks."""
