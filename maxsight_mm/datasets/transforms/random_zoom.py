"""Zooms into or out of the image and keeps every label in step.

Zooming by a factor z makes an object z times as large in the picture. For the
same lens that is the view from z times as near, so a known distance is divided
by z and its zone read off anew, and a time to contact, at the same pace, too. A
zone that is a rule of thumb rests on the size of the box before the zoom, and
becomes unlabelled; annotated zones without a distance stay as they are, and so do
urgencies of objects.
"""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmdet.structures.bbox import HorizontalBoxes, autocast_box_type

from ...registry import TRANSFORMS
from ...taxonomy import ZONE_LIMITS_M
from .object_labels import select_objects

# Labels of the whole image that may speak of what the zoom changed or cut off.
_VIEW_TASKS = ('caption',)
_OBJECT_TASKS = (
    'urgency',
    'haptic_pattern',
    'hazard_within',
    'time_to_hazard_s',
    'free_path',
    'head_obstacle',
    'navigation_difficulty',
    'focus_depth_m',
    'concepts',
    'scene_descriptor',
)


@TRANSFORMS.register_module()
class RandomZoom(BaseTransform):
    """Crops (factor > 1) or pads (factor < 1) at random; the size stays.

    An object of which less than ``min_visible`` is left becomes an ignored one,
    so that its rest is not learnt as background; one that is wholly outside is
    left out. The image's caption is dropped, and when an object was cut off also what
    follows from the objects, such as the urgency, since both may rest on what is no
    longer seen. ``objects_left_out`` tells the labels derived later that an object
    was left out: they then say of no scene that it is free.

    Args:
        factor: Smallest and largest zoom, drawn evenly on a log scale.
        prob: Share of the images that are zoomed.
        min_visible: Visible share of a box below which it is ignored.
        pad_value: Grey level of the padding.
        focus: Share of the crops that are laid so that a labelled object, drawn at
            random, is whole in them, for objects that are small and rare. An object
            larger than the crop fills it.

    Raises:
        ValueError: If an option is out of range, or the sample holds masks or a
            segmentation map, which this transform does not move.
    """

    def __init__(
        self,
        factor: tuple[float, float] = (0.7, 1.5),
        prob: float = 0.5,
        min_visible: float = 0.3,
        pad_value: int = 114,
        focus: float = 0.0,
    ) -> None:
        low, high = factor
        if not 0 < low <= high:
            raise ValueError(f'factor must be 0 < low <= high, got {factor!r}')
        for share in (prob, min_visible, focus):
            if not 0 <= share <= 1:
                raise ValueError(
                    'prob, min_visible and focus must lie in [0, 1], got '
                    f'{prob!r}, {min_visible!r} and {focus!r}'
                )
        self.factor = (low, high)
        self.prob = prob
        self.min_visible = min_visible
        self.pad_value = pad_value
        self.focus = focus

    @cache_randomness
    def _draw(self) -> tuple[float, float, float] | None:
        """Zoom and the place of the window in [0, 1] x [0, 1], or None."""
        if np.random.rand() >= self.prob:
            return None
        zoom = float(np.exp(np.random.uniform(*np.log(self.factor))))
        return zoom, *np.random.rand(2).tolist()

    @cache_randomness
    def _draw_focus(self) -> tuple[bool, float]:
        """Whether to look at an object, and at which in [0, 1) of them."""
        return np.random.rand() < self.focus, float(np.random.rand())

    @autocast_box_type()
    def transform(self, results: dict) -> dict:
        """Zooms ``img`` and all labels of ``results``."""
        for key in ('gt_masks', 'gt_seg_map'):
            if results.get(key) is not None:
                raise ValueError(f'RandomZoom does not move {key}')
        drawn = self._draw()
        if drawn is None:
            return results
        zoom, place_x, place_y = drawn
        if self.focus and zoom > 1:
            place_x, place_y = self._focused(results, zoom, (place_x, place_y))
        height, width = results['img'].shape[:2]
        shift = (place_x * width * (1 - zoom), place_y * height * (1 - zoom))
        _warp_image(results, zoom, shift, self.pad_value)
        if 'gt_bboxes' in results:
            self._move_objects(results, zoom, shift)
        _forget_heuristic_zones(results)
        _divide_distances(results, zoom)
        _divide_times(results, zoom)
        tasks = results.get('gt_tasks', {})
        results['gt_tasks'] = {
            name: value for name, value in tasks.items() if name not in _VIEW_TASKS
        }
        return results

    def _focused(
        self, results: dict, zoom: float, place: tuple[float, float]
    ) -> tuple[float, float]:
        """The place moved to where the crop shows an object, if one is drawn."""
        looks, which = self._draw_focus()
        boxes = results['gt_bboxes'].tensor.numpy() if 'gt_bboxes' in results else []
        ignored = np.asarray(results.get('gt_ignore_flags', np.zeros(len(boxes))), bool)
        labelled = np.flatnonzero(~ignored)
        if not looks or not len(labelled):
            return place
        box = boxes[labelled[int(which * len(labelled))]]
        height, width = results['img'].shape[:2]
        x = _place_along(box[0], box[2], width, zoom, place[0])
        return x, _place_along(box[1], box[3], height, zoom, place[1])

    def _move_objects(
        self, results: dict, zoom: float, shift: tuple[float, float]
    ) -> None:
        boxes: HorizontalBoxes = results['gt_bboxes']
        boxes.rescale_((zoom, zoom))
        boxes.translate_(shift)
        full_areas = boxes.areas.clamp(min=1e-6)
        boxes.clip_(results['img'].shape[:2])
        visible = (boxes.areas / full_areas).numpy()
        cut_off = visible < self.min_visible
        if 'gt_ignore_flags' in results:
            results['gt_ignore_flags'] = results['gt_ignore_flags'] | cut_off
            keep = visible > 0
        else:
            keep = ~cut_off
        select_objects(results, keep)
        if not keep.all():
            results['objects_left_out'] = True
        if cut_off.any():
            results['gt_tasks'] = {
                name: value
                for name, value in results.get('gt_tasks', {}).items()
                if name not in _OBJECT_TASKS
            }

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(factor={self.factor}, prob={self.prob}, '
            f'min_visible={self.min_visible}, pad_value={self.pad_value}, '
            f'focus={self.focus})'
        )


def _place_along(low: float, high: float, size: int, zoom: float, at: float) -> float:
    """Place in [0, 1] of a crop of ``size / zoom`` that shows from low to high.

    Of the places that do, the one at the share ``at``.
    """
    length = size / zoom
    ends = np.clip([high - length, low], 0, size - length)
    return float(ends[0] + at * (ends[1] - ends[0])) / (size - length)


def _warp_image(
    results: dict, zoom: float, shift: tuple[float, float], pad_value: int
) -> None:
    height, width = results['img'].shape[:2]
    matrix = np.array(
        [[zoom, 0, shift[0]], [0, zoom, shift[1]], [0, 0, 1]], dtype=np.float32
    )
    # Box coordinates name pixel corners, OpenCV's name centres: half a pixel.
    centres = matrix[:2].astype(np.float64)
    centres[:, 2] += (zoom - 1) / 2
    results['img'] = cv2.warpAffine(
        results['img'], centres, (width, height), borderValue=(pad_value,) * 3
    )
    before = results.get('homography_matrix')
    results['homography_matrix'] = matrix if before is None else matrix @ before
    results['zoom'] = results.get('zoom', 1.0) * zoom


def _forget_heuristic_zones(results: dict) -> None:
    fields = dict(results.get('gt_instance_tasks', {}))
    heuristic = fields.pop('zones_heuristic', None)
    if heuristic is None:
        return
    fields['zones'] = np.where(heuristic, -1, fields['zones'])
    results['gt_instance_tasks'] = fields


def _divide_distances(results: dict, zoom: float) -> None:
    fields = results.get('gt_instance_tasks', {})
    if 'distances_m' not in fields:
        return
    distances_m = fields['distances_m'] / np.float32(zoom)
    known = np.isfinite(distances_m)
    zones = fields.get('zones', np.full(len(distances_m), -1))
    of_distance = np.searchsorted(ZONE_LIMITS_M, distances_m[known], side='right')
    zones = zones.copy()
    zones[known] = of_distance
    results['gt_instance_tasks'] = {
        **fields,
        'distances_m': distances_m,
        'zones': zones,
    }


def _divide_times(results: dict, zoom: float) -> None:
    fields = results.get('gt_instance_tasks', {})
    if 'times_to_contact_s' in fields:
        times_s = fields['times_to_contact_s'] / np.float32(zoom)
        results['gt_instance_tasks'] = {**fields, 'times_to_contact_s': times_s}
