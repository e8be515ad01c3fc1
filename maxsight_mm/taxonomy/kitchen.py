"""Hands in a kitchen: the classes, and the kinds of scene that a camera meets."""

KITCHEN_CLASSES = ('hand_with_glove', 'hand_without_glove')

# What the ``scenario`` of a picture says: violation = a bare hand; proper = gloved
# hands alone; edge_case = steam, blur, something in front, or a torn glove;
# background = no hand.
SCENARIOS = ('violation', 'proper', 'edge_case', 'background')
