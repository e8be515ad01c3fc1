"""Procedural worlds with exact labels."""
