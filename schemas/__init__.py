"""The JSON Schemas of the language as package data: sequence, test, project, change and event."""
