"""What a scene is about, in the sixteen words that matter to a walker (our design).

A concept is in a scene when one of its objects is: each object concept is a set of
class groups and names of the class table, so that it means the same in every data
set. The scene concepts at the end rest on how near, how urgent, how many or how
written things are; ``datasets/derived_labels/concepts.py`` says when each holds.
"""

from dataclasses import dataclass

from .classes import ClassSpec


@dataclass(frozen=True)
class ObjectConcept:
    """A kind of thing.

    Attributes:
        name: What it is called.
        groups: Groups of the class table all of whose classes belong to it.
        classes: Names of further classes.
    """

    name: str
    groups: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    def holds(self, spec: ClassSpec) -> bool:
        """Whether objects of a class belong to it."""
        return spec.group in self.groups or spec.name in self.classes


def _concept(
    name: str, groups: tuple[str, ...] = (), classes: tuple[str, ...] = ()
) -> ObjectConcept:
    return ObjectConcept(name, frozenset(groups), frozenset(classes))


OBJECT_CONCEPTS = (
    _concept('people', ('person',)),
    _concept(
        'motor vehicles',
        classes=('car', 'motorcycle', 'bus', 'truck', 'van', 'taxi', 'tram', 'moped'),
    ),
    _concept('two-wheelers', ('light vehicle',), ('bicycle', 'motorcycle', 'moped')),
    _concept('animals', ('animal',)),
    _concept(
        'steps up', classes=('stairs up', 'single step', 'ladder', 'raised threshold')
    ),
    _concept('drops', ('drop',), ('stairs down',)),
    _concept('kerbs', classes=('kerb', 'dropped kerb')),
    _concept('head-height obstacles', ('head height',)),
    _concept('works and warnings', ('works',), ('wet floor sign', 'warning sign')),
    _concept(
        'crossings', ('crossing',), ('traffic light', 'stop sign', 'crossing guard')
    ),
    _concept('entrances', ('entrance',), ('door',)),
    _concept('poles and bollards', classes=('pole', 'bollard', 'lamp post')),
)
# Names of the other concepts, in the order of their labels.
SCENE_CONCEPTS = ('text to read', 'something near', 'moving traffic', 'urgent')

CONCEPTS = (*(concept.name for concept in OBJECT_CONCEPTS), *SCENE_CONCEPTS)
