"""A toy detector exported to its scores, and the description of an export."""

from pathlib import Path

import torch

from maxsight_mm.deploy.artefact import Artefact, write_artefact
from maxsight_mm.deploy.safety_graph import SafetyScores, SafetyScoresGraph

DECODER = dict(score_thr=0.05, nms_pre=1000, iou_threshold=0.5, max_per_img=100)


def describe(**changes) -> Artefact:
    """Description of a 64 x 64 export of the squares' model."""
    entries = dict(
        backend='onnxruntime',
        precision='fp32',
        kind='scores',
        graph='scores.onnx',
        input_size=(64, 64),
        mean=[0.0, 0.0, 0.0],
        std=[255.0, 255.0, 255.0],
        bgr_to_rgb=False,
        classes=['red', 'green', 'blue'],
        test_cfg=DECODER,
        min_safe_scores=dict(urgency=0.5, object_urgency=0.5),
        model_config='squares',
        checkpoint_sha256='0' * 64,
        keep_ratio=False,
    )
    return Artefact(**entries | changes)


def export_scores(detector, folder: Path, is_dynamic=False, **changes) -> Artefact:
    """Write ``scores.onnx`` and ``deploy.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    axes = {2: 'height', 3: 'width'} if is_dynamic else {}
    torch.onnx.export(
        SafetyScoresGraph(detector),
        torch.zeros(1, 3, 64, 64),
        str(folder / 'scores.onnx'),
        dynamo=False,
        opset_version=17,
        input_names=['input'],
        output_names=list(SafetyScores._fields),
        dynamic_axes={'input': axes} if is_dynamic else None,
    )
    decoder = detector.decoder
    test_cfg = {name: getattr(decoder, name) for name in DECODER}
    return write_artefact(folder, describe(test_cfg=test_cfg, **changes))
