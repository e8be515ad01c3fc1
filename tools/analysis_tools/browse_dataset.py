"""Draws samples of a config's data set on a contact sheet.

    python tools/analysis_tools/browse_dataset.py configs/tier_t0.py --out sheet.png

The pictures show the labels as the data set read them; ``--augmented`` shows
what its pipeline makes of them for training. Objects that are not learned (crowds,
and those marked ``ignore``) are thin grey lines without a label.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import DictAction
from mmengine.dataset import BaseDataset
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData

from maxsight_mm.datasets.safe_image import decode_bgr
from maxsight_mm.datasets.transforms.object_labels import object_arrays
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.registry import DATASETS
from maxsight_mm.visualization import contact_sheet, draw_safety


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Draw samples of a data set.')
    parser.add_argument('config', help='config file')
    parser.add_argument('--split', choices=['train', 'val', 'test'], default='train')
    parser.add_argument('--count', type=int, default=12, help='number of samples')
    parser.add_argument('--columns', type=int, default=3, help='samples a row')
    parser.add_argument(
        '--augmented',
        action='store_true',
        help='draw what the pipeline gives (training split only)',
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the augmentation')
    parser.add_argument(
        '--out', required=True, help='a .png for one sheet, or a folder'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings: key.subkey=value',
    )
    args = parser.parse_args(argv)
    if args.count < 1 or args.columns < 1:
        parser.error('--count and --columns must be at least 1')
    if args.augmented and args.split != 'train':
        parser.error('--augmented draws the training split')
    return args


def draw_labels(dataset: BaseDataset, index: int) -> np.ndarray:
    """The file of a sample with the labels that the data set read."""
    info = dataset.get_data_info(index)
    if 'img_path' not in info:
        raise ValueError(
            f'{type(dataset).__name__} reads no image files; use --augmented'
        )
    image = decode_bgr(Path(info['img_path']).read_bytes(), info['img_path'])
    instances = [i for i in info['instances'] if not i['ignore_flag']]
    ignored = [i['bbox'] for i in info['instances'] if i['ignore_flag']]
    fields = object_arrays(instances)
    return draw_safety(
        image,
        [instance['bbox'] for instance in instances],
        [instance['bbox_label'] for instance in instances],
        dataset.metainfo['classes'],
        zones=fields.get('zones'),
        urgencies=fields.get('urgencies'),
        image_urgency=info.get('tasks', {}).get('urgency'),
        ignored_boxes=ignored,
    )


def draw_augmented(dataset: BaseDataset, index: int) -> np.ndarray:
    """The tensor the pipeline makes of a sample, with its objects."""
    packed = dataset[index]
    sample = packed['data_samples']
    inputs = packed['inputs']
    tensor = inputs['img'] if isinstance(inputs, dict) else inputs
    pixels = tensor.float().clamp(0, 255).byte()
    # (C, H, W) -> (H, W, C)
    image = np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
    instances = sample.gt_instances
    tasks = sample.get('gt_tasks', {})
    return draw_safety(
        image,
        _boxes(instances),
        instances.labels,
        dataset.metainfo['classes'],
        zones=instances.get('zones'),
        urgencies=instances.get('urgencies'),
        image_urgency=tasks.get('urgency'),
        ignored_boxes=_boxes(sample.get('ignored_instances', InstanceData())),
    )


def _boxes(instances: InstanceData) -> np.ndarray:
    """(N, 4) xyxy; none where the sample has no such field."""
    boxes = instances.get('bboxes', torch.empty(0, 4))
    return getattr(boxes, 'tensor', boxes).numpy()


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('browse_dataset'):
        config = load_config(args.config, args.cfg_options)
        with DefaultScope.overwrite_default_scope(config.get('default_scope')):
            dataset = DATASETS.build(config[f'{args.split}_dataloader'].dataset)
        np.random.seed(args.seed)
        count = min(args.count, len(dataset))
        indices = np.linspace(0, len(dataset) - 1, count).round().astype(int)
        draw = draw_augmented if args.augmented else draw_labels
        pictures = [draw(dataset, int(index)) for index in indices]
        written = write_pictures(pictures, indices, Path(args.out), args.columns)
    print(f'{count} of {len(dataset)} samples -> {written}')


def write_pictures(
    pictures: list[np.ndarray], indices: np.ndarray, out: Path, columns: int
) -> Path:
    """One sheet for a name that ends in .png, else one file a sample."""
    if out.suffix.lower() == '.png':
        out.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(out), contact_sheet(pictures, columns))
        return out
    out.mkdir(parents=True, exist_ok=True)
    for index, picture in zip(indices, pictures, strict=True):
        cv2.imwrite(str(out / f'{index:06d}.png'), picture)
    return out


if __name__ == '__main__':
    sys.exit(main())
