"""``predictions.json`` of a classifier that is right more often than not."""

from typing import Any

import numpy as np

CLASSES = {2: ('safe', 'unsafe'), 4: ('path', 'person', 'trench', 'traffic')}


def toy_predictions(
    num_images: int = 80,
    num_classes: int = 2,
    activation: str = 'softmax',
    seed: int = 0,
    folder: str = 'images',
) -> dict[str, Any]:
    """Content of a file with the task ``risk``; every tenth image is unlabelled.

    Images of the last class and of site B are answered worse, and site C is small.
    """
    rng = np.random.default_rng(seed)
    images = []
    for index in range(num_images):
        label = int(rng.integers(num_classes)) if index > 1 else index
        site = 'C' if index % 20 == 7 else 'AB'[index % 2]
        logits = rng.normal(0, 2, num_classes)
        logits[label] += 1.5 if site == 'B' else 4
        images.append(
            {
                'img_path': f'{folder}/{seed}_{index}.png',
                'labels': {} if index % 10 == 9 else {'risk': label},
                'logits': {'risk': logits.tolist()},
                'groups': {} if index % 20 == 3 else {'site': site},
            }
        )
    spec = {'classes': list(CLASSES[num_classes]), 'activation': activation}
    return {
        'version': 1,
        'model': 'abcdef012345',
        'tasks': {'risk': spec},
        'images': images,
    }
