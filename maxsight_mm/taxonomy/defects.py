"""Surface defects of machined parts: the classes and how boxes of them look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DefectKind:
    """What is known of a class of defects.

    Attributes:
        name: As in data and reports.
        share: Of all boxes.
        aspect_quartiles: Of box width / height.
    """

    name: str
    share: float
    aspect_quartiles: tuple[float, float, float]


# Shares of all, and aspects of the first two, were measured on an inspection line's
# data; the other aspects are ours.
DEFECT_KINDS = (
    DefectKind('Severe_Rust', 0.276, (0.34, 0.45, 0.61)),
    DefectKind('Chipped', 0.192, (0.39, 0.51, 0.65)),
    DefectKind('Broken', 0.162, (0.80, 1.05, 1.40)),
    DefectKind('Tip_Wear', 0.189, (1.20, 1.60, 2.10)),
    DefectKind('Scratched', 0.181, (0.70, 1.30, 2.20)),
)
DEFECT_CLASSES = tuple(kind.name for kind in DEFECT_KINDS)
