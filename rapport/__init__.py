"""The core: the sequence language, the engine that walks it, and the adapters around it. Free of Temporal."""
