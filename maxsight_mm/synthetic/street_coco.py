"""A street frame as COCO JSON, with the accessibility fields beside COCO's own."""

import math
from collections.abc import Mapping

import numpy as np

from .street_frame import StreetFrame


def to_coco(
    frame: StreetFrame,
    image_id: int,
    first_annotation_id: int,
    category_ids: Mapping[str, int],
    file_name: str | None = None,
) -> tuple[dict, list[dict]]:
    """One image entry and its annotations, ready for ``json.dump``.

    Objects of classes that are not in ``category_ids`` are left out, and the
    relations they take part in.

    Args:
        frame: The frame.
        image_id: Id of the image.
        first_annotation_id: Id of the first annotation; the others count on.
        category_ids: Class name to category id.
        file_name: Name of the image file; by default ``000042.jpg`` for id 42.
    """
    height, width = frame.image.shape[:2]
    areas = np.bincount(frame.instance_map.ravel(), minlength=len(frame.names) + 1)
    texts = {text.object_index: text.text for text in frame.texts}
    annotations: list[dict] = []
    ids: dict[int, int] = {}
    for i, name in enumerate(frame.names):
        if name not in category_ids:
            continue
        x0, y0, x1, y1 = frame.boxes[i].tolist()
        ids[i] = first_annotation_id + len(annotations)
        annotation = {
            'id': ids[i],
            'image_id': image_id,
            'category_id': int(category_ids[name]),
            'bbox': [x0, y0, x1 - x0, y1 - y0],
            'area': float(areas[i + 1]),
            'iscrowd': 0,
            'instance_id': int(frame.track_ids[i]),
            'distance_m': round(float(frame.distances_m[i]), 3),
            'zone': int(frame.zones[i]),
            'urgency': int(frame.urgencies[i]),
            'moving': bool(frame.moving[i]),
            'findability': round(float(frame.findability[i]), 4),
        }
        seconds = float(frame.time_to_contact_s[i])
        # JSON has no infinity: null is a contact that never comes.
        finite = math.isfinite(seconds)
        annotation['time_to_contact_s'] = round(seconds, 3) if finite else None
        if i in texts:
            annotation['text'] = texts[i]
        annotations.append(annotation)
    image = {
        'id': image_id,
        'file_name': file_name or f'{image_id:06d}.jpg',
        'width': width,
        'height': height,
        'focal_px': round(frame.focal_px, 4),
        'tasks': {
            'urgency': frame.urgency,
            'lighting': frame.lighting,
            'glare': round(frame.glare, 4),
            'contrast': round(frame.contrast, 4),
            'caption': frame.caption,
            'relations': [
                [ids[a], predicate, ids[b]]
                for a, predicate, b in frame.relations
                if a in ids and b in ids
            ],
            'texts': [
                {
                    'text': text.text,
                    'quad': [[round(v, 2) for v in row] for row in text.quad.tolist()],
                }
                for text in frame.texts
            ],
        },
    }
    return image, annotations
