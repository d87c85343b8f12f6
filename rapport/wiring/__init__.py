"""Where settings become adapters and adapters meet ports."""
