"""Drawings of a plan: its blocks, where they lie, and the same as SVG or Mermaid."""
