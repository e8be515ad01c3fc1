"""Rewriters that make an exported detector decide as the PyTorch one does.

Importing a module registers its rewriters; ``mmdeploy_plugin`` imports them all.
"""
