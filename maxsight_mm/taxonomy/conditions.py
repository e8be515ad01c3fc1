"""The thirteen eye conditions that are simulated and recognised.

The order is that of every vector of severities, each in [0, 1], 0 healthy.
"""

CONDITIONS = (
    'glaucoma',
    'amd',
    'cataracts',
    'diabetic retinopathy',
    'retinitis pigmentosa',
    'cvi',
    'amblyopia',
    'strabismus',
    'colour blindness',
    'myopia',
    'hyperopia',
    'presbyopia',
    'astigmatism',
)
