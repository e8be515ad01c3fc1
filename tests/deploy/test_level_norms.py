"""Norms that differ between levels survive a conversion that folds them away.

The levels of a tower share a convolution and have norms of their own. A converter that
folds a norm into the shared convolution gives all levels those of one.
"""

import numpy as np
import pytest
import torch

from maxsight_mm.deploy.backends import executorch, torchscript
from maxsight_mm.deploy.backends.plain_graph import PlainScores
from tests.deploy.backends.spread_detector import spread_detector

SIZE = (64, 96)


@pytest.mark.parametrize(
    'backend, package',
    [(executorch, 'executorch'), (torchscript, 'torch')],
    ids=['executorch', 'torchscript'],
)
def test_each_level_keeps_its_own_norm(backend, package, tmp_path):
    pytest.importorskip(package)
    detector = spread_detector()
    generator = torch.Generator().manual_seed(7)
    for norm in detector.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            # As after a training; those of a new model are all alike.
            size = norm.running_mean.shape
            norm.running_mean += 0.2 * torch.randn(size, generator=generator)
            norm.running_var *= 0.5 + torch.rand(size, generator=generator)
    images = torch.randn(1, 3, *SIZE, generator=generator)
    with torch.no_grad():
        wanted = PlainScores(detector)(images)
    path = backend.convert(detector, tmp_path, SIZE)
    found = backend.run(path, images.numpy())
    for value, (name, answer) in zip(wanted, found.items(), strict=True):
        np.testing.assert_allclose(
            answer, value.numpy(), rtol=1e-4, atol=1e-3, err_msg=name
        )
