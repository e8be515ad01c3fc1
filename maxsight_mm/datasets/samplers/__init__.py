from .linked_view_sampler import LinkedViewSampler

__all__ = ['LinkedViewSampler']
