"""One export through mmdeploy and its run in ONNX Runtime, for tests."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip('mmdeploy', reason='needs the export extra')
pytest.importorskip('onnxruntime', reason='needs the export extra')

import onnxruntime
from mmdet.structures import DetDataSample
from mmengine.config import Config

from maxsight_mm.deploy.onnx_export import export_onnx

SIZE = (160, 160)
CONFIGS = Path(__file__).parents[2] / 'configs' / 'deploy'


def deploy_config(name: str, size: tuple[int, int] | None = SIZE) -> Config:
    """One of ``configs/deploy`` at another (H, W); None is that of the pipeline."""
    config = Config.fromfile(CONFIGS / f'{name}.py')
    config.input_size = size
    return config


def exported(model, config: Config, path: Path, size: tuple[int, int] = SIZE):
    """Session of the exported model."""
    images = torch.zeros(1, 3, *size)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        export_onnx(model, images, config, path)
    return onnxruntime.InferenceSession(path)


def run(session, images: torch.Tensor) -> list[np.ndarray]:
    return session.run(None, {session.get_inputs()[0].name: images.numpy()})


def samples(images: torch.Tensor) -> list[DetDataSample]:
    shape = tuple(images.shape[2:])
    return [
        DetDataSample(
            metainfo=dict(img_shape=shape, ori_shape=shape, scale_factor=(1.0, 1.0))
        )
        for _ in images
    ]
