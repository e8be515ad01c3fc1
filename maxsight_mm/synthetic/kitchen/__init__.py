"""Hands at work over kitchen worktops, with gloves and without."""

from .kitchen_world import KitchenScene, KitchenWorld

__all__ = ['KitchenScene', 'KitchenWorld']
