"""Walking a compiled sequence: interpreter, calendar, policies at send time, simulator."""
