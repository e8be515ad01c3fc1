"""Which object labels a file calls complete, so that an empty image means empty.

An image without objects is no evidence that nothing is there: perhaps nobody looked.
A file whose ``info['complete_labels']`` names ``distance_m`` says that every object
of every image was annotated, each with its distance. Where such an image has no
objects, nothing is near.
"""

from .coco_extras import OBJECT_RULES, is_known
from .coco_json import DatasetError


def complete_labels(data: dict, source: str) -> tuple[str, ...]:
    """The names under ``info['complete_labels']``; none where it is absent.

    Args:
        data: A valid COCO dictionary.
        source: The file's name for messages.

    Raises:
        DatasetError: If they are not names of object labels, or an annotation that
            is no ignored region lacks one of them.
    """
    info = data.get('info')
    names = info.get('complete_labels', []) if isinstance(info, dict) else []
    known = isinstance(names, list) and all(is_known(n, OBJECT_RULES) for n in names)
    if not known:
        raise DatasetError(
            f'{source}: info.complete_labels must be a list of '
            f'{", ".join(OBJECT_RULES)}; got {names!r}'
        )
    for annotation in data['annotations']:
        lacking = [name for name in names if name not in annotation]
        ignored = annotation.get('iscrowd') or annotation.get('ignore')
        if lacking and not ignored:
            raise DatasetError(
                f'{source}: info.complete_labels names {lacking[0]}, which annotation '
                f'{annotation["id"]!r} lacks'
            )
    return tuple(names)
