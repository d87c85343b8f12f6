"""Pure rules about people: consent, segments, import, matching."""
