import pytest
from mmengine.registry import DefaultScope


@pytest.fixture(autouse=True)
def maxsight_scope():
    """Names in configs build from our registries first, as in every run."""
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        yield
