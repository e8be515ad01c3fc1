import pytest
import torch
from mmengine.registry import DefaultScope

# With two threads the backward pass of a small T5 at batch 3 crashes in oneDNN
# (torch 2.13 CPU); see docs/results.md.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def maxsight_scope():
    """Names in configs build from our registries first, as in every run."""
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        yield
