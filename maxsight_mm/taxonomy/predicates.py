"""The relations that a pair of objects can stand in, by place in the world.

Their meaning is that of ``synthetic/relations.py``, in the camera's ground frame.
A pair has one label. Where several hold, the first of :data:`LABEL_ORDER` that
holds is the label: what tells a walker most comes first, and *near*, which mostly
goes with a direction, last.
"""

PREDICATES = (
    'left of',
    'right of',
    'in front of',
    'behind',
    'above',
    'below',
    'on',
    'near',
)
# Label 0; the predicate at index p of PREDICATES has the label p + 1.
NO_RELATION = 'none'
RELATIONS = (NO_RELATION, *PREDICATES)
LABEL_ORDER = (
    'on',
    'above',
    'below',
    'left of',
    'right of',
    'in front of',
    'behind',
    'near',
)
# Holds both ways round.
SYMMETRIC = ('near',)
