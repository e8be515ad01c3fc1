"""Thirteen eye conditions as mixtures of symptoms.

Which symptoms belong to a condition is common clinical knowledge; how strong each is
at a given severity is our design, a picture for training and for showing, not a
measurement of any patient. Severity 0 changes nothing.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from ....taxonomy.conditions import CONDITIONS
from . import blur, colour, field_loss, light, shapes

Symptom = Callable[..., np.ndarray]

# condition -> (symptom, its severity at severity 1); those of RANDOM draw.
CONDITION_TABLE: dict[str, tuple[tuple[Symptom, float], ...]] = {
    'glaucoma': ((light.lower_contrast, 0.35), (field_loss.arcuate_loss, 1.0)),
    'amd': (
        (partial(shapes.bend, central=True), 0.9),
        (colour.desaturate, 0.4),
        (field_loss.central_loss, 1.0),
    ),
    'cataracts': (
        (blur.gaussian_blur, 0.45),
        (light.lower_contrast, 0.45),
        (light.glare, 1.0),
        (colour.yellow, 0.75),
    ),
    'diabetic retinopathy': (
        (blur.gaussian_blur, 0.15),
        (field_loss.blotches, 1.0),
        (shapes.floaters, 1.0),
    ),
    'retinitis pigmentosa': (
        (light.dim, 0.8),
        (shapes.noise, 0.2),
        (field_loss.tunnel, 1.0),
    ),
    'cvi': (
        (shapes.crowd, 0.6),
        (light.fluctuate, 0.8),
        (shapes.noise, 0.5),
        (field_loss.lower_loss, 0.9),
    ),
    'amblyopia': (
        (shapes.bend, 1.0),
        (blur.gaussian_blur, 0.3),
        (light.lower_contrast, 0.6),
    ),
    'strabismus': ((partial(shapes.double_vision, turn_deg=3.0), 1.0),),
    'colour blindness': ((colour.deuteranopia, 1.0),),
    'myopia': ((blur.far_blur, 1.0),),
    # Near first, then at every distance as the eye can no longer make up for it.
    'hyperopia': ((blur.near_blur, 1.0), (blur.gaussian_blur, 0.3)),
    'presbyopia': ((partial(blur.near_blur, first_row=0.6), 0.75),),
    'astigmatism': ((partial(blur.directional_blur, angle_deg=75.0), 0.9),),
}
assert tuple(CONDITION_TABLE) == CONDITIONS
RANDOM = (
    field_loss.blotches,
    light.fluctuate,
    shapes.floaters,
    shapes.noise,
    shapes.bend,
    shapes.crowd,
)


def simulate(
    image: np.ndarray, condition: str, severity: float, seed: int = 0
) -> np.ndarray:
    """The image as seen with a condition.

    Args:
        image: (H, W, 3) uint8 BGR.
        condition: One of ``CONDITIONS``.
        severity: 0 healthy to 1.
        seed: Decides where floaters, patches and waves are.

    Returns:
        (H, W, 3) uint8 BGR; at severity 0 equal to ``image``.

    Raises:
        ValueError: If the condition is unknown, or the severity not in [0, 1].
    """
    if condition not in CONDITION_TABLE:
        raise ValueError(
            f'unknown condition {condition!r}; known: {", ".join(CONDITIONS)}'
        )
    if not 0 <= severity <= 1:
        raise ValueError(f'severity must lie in [0, 1], got {severity!r}')
    seen = image.copy()
    rng = np.random.default_rng(seed)
    for symptom, strength in CONDITION_TABLE[condition]:
        own = getattr(symptom, 'func', symptom)
        extra = {'rng': rng} if own in RANDOM else {}
        seen = symptom(seen, strength * severity, **extra)
    return seen
