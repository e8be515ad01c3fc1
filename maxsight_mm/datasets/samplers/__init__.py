from .class_balanced_sampler import ClassBalancedSampler
from .linked_view_sampler import LinkedViewSampler

__all__ = ['ClassBalancedSampler', 'LinkedViewSampler']
