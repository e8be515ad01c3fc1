"""mmdeploy's detection task for our models as well as mmdet's.

Its own cannot read our test pipelines, whose annotation transforms it does not know,
and reads checkpoints in a way that runs what they hold.
"""

from copy import deepcopy
from typing import Any

import numpy as np
import torch
from mmdeploy.codebase.mmdet.deploy.object_detection import (
    MMDET_TASK,
    ObjectDetection,
    process_model_config,
)
from mmdeploy.utils import Task
from mmdet.registry import MODELS
from mmengine.dataset import pseudo_collate
from mmengine.dataset.base_dataset import Compose
from mmengine.model import revert_sync_batchnorm

from maxsight_mm.engine.checkpoint import check_fits, read_checkpoint

# Reading a picture needs none of the labels.
_ANNOTATIONS = ('LoadTaskAnnotations', 'LoadAnnotations', 'DeriveTaskLabels')
_READERS = ('LoadSafeImage', 'LoadImageFromFile')


@MMDET_TASK.register_module(Task.OBJECT_DETECTION.value, force=True)
class SafeObjectDetection(ObjectDetection):
    """Builds the PyTorch model and its input for an export."""

    def build_pytorch_model(
        self,
        model_checkpoint: str | None = None,
        cfg_options: dict | None = None,
        **kwargs: Any,
    ) -> torch.nn.Module:
        """The model in evaluation mode, with the checkpoint's weights.

        Raises:
            CheckpointError: If the file is damaged or made for another model.
        """
        config = deepcopy(self.model_cfg.model)
        config.setdefault('data_preprocessor', self.model_cfg.get('data_preprocessor'))
        model = MODELS.build(config)
        if model_checkpoint is not None:
            weights = read_checkpoint(model_checkpoint, self.device)['state_dict']
            check_fits(weights, model, model_checkpoint)
            weights = {k.removeprefix('module.'): v for k, v in weights.items()}
            model.load_state_dict(weights)
        return revert_sync_batchnorm(model).to(self.device).eval()

    def create_input(
        self,
        imgs: str | np.ndarray | list,
        input_shape: tuple[int, int] | None = None,
        data_preprocessor=None,
    ) -> tuple[dict, torch.Tensor]:
        """Samples and the input of one or more pictures.

        Args:
            imgs: Files, or (H, W, 3) uint8 pictures in BGR.
            input_shape: Width and height of the input; by default the pipeline's.
            data_preprocessor: Normalises; by default nothing does.

        Returns:
            The dict with ``data_samples``, and (B, 3, H, W).
        """
        imgs = list(imgs) if isinstance(imgs, list | tuple) else [imgs]
        config = process_model_config(self.model_cfg, imgs, input_shape)
        pipeline = Compose(
            [step for step in config.test_pipeline if step.type not in _ANNOTATIONS]
        )
        data = pseudo_collate([pipeline(_source(image)) for image in imgs])
        if data_preprocessor is None:
            return data, self.get_tensor_from_input(data)
        data = data_preprocessor(data, False)
        return data, data['inputs']


def _source(image: str | np.ndarray) -> dict:
    key = 'img' if isinstance(image, np.ndarray) else 'img_path'
    return {key: image, 'img_id': 0}
