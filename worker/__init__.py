"""The processes around Temporal: the worker, its end, and the development server."""
