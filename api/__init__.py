"""The HTTP door: one router per noun."""
