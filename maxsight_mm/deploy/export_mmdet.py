"""mmdet's own detectors as ONNX, with the same kind of proof.

For those who have an mmdet checkpoint and want it exported faithfully; there is no
``deploy.json``, for these models answer boxes and classes alone.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from maxsight_mm.datasets.safe_image import decode_bgr

from .deploy_config_check import check_deploy_config
from .export_folder import ONNX_NAME
from .export_target import new_export
from .onnx_export import export_onnx, task_processor
from .parity_report import FILE_NAME as PARITY_NAME
from .parity_report import write_json
from .tensorrt_limits import check_for_tensorrt

MAX_BOX_GAP_PX = 1e-2
MAX_SCORE_GAP = 1e-4


@dataclass
class MmdetParity:
    """What PyTorch and ONNX Runtime found in the same pictures.

    Attributes:
        images: Pictures.
        pytorch: Boxes PyTorch found.
        onnx: Boxes ONNX Runtime found.
        changed: Pictures where the number of boxes or a label differs, or a number is
            not finite.
        box_px: Largest gap of a box side in the others.
        score: Largest gap of a score in the others.
    """

    images: int = 0
    pytorch: int = 0
    onnx: int = 0
    changed: int = 0
    box_px: float = 0.0
    score: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing but rounding differs, and something was found."""
        close = self.box_px <= MAX_BOX_GAP_PX and self.score <= MAX_SCORE_GAP
        return bool(self.pytorch) and not self.changed and close

    def __str__(self) -> str:
        return (
            f'parity {"PASSED" if self.passed else "FAILED"}: {self.images} pictures, '
            f'{self.pytorch} boxes in PyTorch, {self.onnx} exported, '
            f'{self.changed} pictures changed, {self.box_px:.1e} px, '
            f'{self.score:.1e} of score'
        )


def export_mmdet(
    deploy_config: Config,
    config: Config,
    checkpoint: str | Path,
    folder: str | Path,
    images: Sequence[str | Path],
) -> MmdetParity:
    """Write ``end2end.onnx`` and ``parity.json``.

    Args:
        deploy_config: One of ``configs/deploy`` of kind *detections*.
        config: mmdet's config.
        checkpoint: The weights.
        folder: Where the files go.
        images: Pictures to compare; a static graph gets the first one's size.

    Raises:
        FileNotFoundError: If a picture is missing.
        ValueError: If the config is of another kind, the backend needs more than an
            ONNX graph, the checkpoint is of another model, a picture cannot be read,
            or the folder holds other files.
    """
    if deploy_config.get('kind') != 'detections':
        raise ValueError('detectors of mmdet are exported as detections alone')
    check_deploy_config(deploy_config)
    backend = deploy_config.backend_config.type
    for image in images:
        if not Path(image).is_file():
            raise FileNotFoundError(f'picture {image} does not exist')
        decode_bgr(Path(image).read_bytes(), str(image))
    with new_export(folder) as place:
        try:
            return _export(deploy_config, config, checkpoint, place, images)
        except ImportError as error:
            raise ValueError(f'no export to {backend} here: {error}') from error


def _export(
    deploy_config: Config,
    config: Config,
    checkpoint: str | Path,
    place: Path,
    images: Sequence[str | Path],
) -> MmdetParity:
    size = deploy_config.get('input_size')
    # mmdeploy's order is width, height.
    shape = None if size is None else (size[1], size[0])
    with DefaultScope.overwrite_default_scope(config.get('default_scope', 'mmdet')):
        task = task_processor(config, deploy_config)
        model = task.build_pytorch_model(str(checkpoint))
        batches = []
        for image in images:
            data, inputs = task.create_input(str(image), shape, model.data_preprocessor)
            batches.append((data, inputs))
            if deploy_config.get('size_range') is None:
                # A static graph takes one size.
                shape = (inputs.shape[3], inputs.shape[2])
        path = place / ONNX_NAME
        export_onnx(model, batches[0][1], deploy_config, path)
        if deploy_config.backend_config.type == 'tensorrt':
            check_for_tensorrt(path)
        parity = _compare(model, batches, path)
    write_json(path.parent / PARITY_NAME, dict(passed=parity.passed, **asdict(parity)))
    return parity


def _compare(model, batches, path: Path) -> MmdetParity:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    parity = MmdetParity()
    for data, inputs in batches:
        samples = data['data_samples']
        for sample in samples:
            # A graph takes padding for picture, so PyTorch has to do so too.
            sample.set_metainfo(dict(img_shape=tuple(inputs.shape[2:])))
        with torch.no_grad():
            (sample,) = model.predict(inputs, samples, rescale=False)
        wanted = sample.pred_instances.cpu().numpy()
        dets, labels = session.run(['dets', 'labels'], {'input': inputs.numpy()})
        found = labels[0] >= 0
        parity.images += 1
        parity.pytorch += len(wanted.scores)
        parity.onnx += int(found.sum())
        if not np.array_equal(labels[0][found], wanted.labels):
            parity.changed += 1
            continue
        gaps = np.abs(dets[0][found] - np.c_[wanted.bboxes, wanted.scores])
        if not np.isfinite(gaps).all():
            # max(0, nan) would be 0.
            parity.changed += 1
            continue
        parity.box_px = max(parity.box_px, float(gaps[:, :4].max(initial=0)))
        parity.score = max(parity.score, float(gaps[:, 4].max(initial=0)))
    return parity
