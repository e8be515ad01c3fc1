"""The walls between the rooms, read from the import statements."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / 'maxsight_mm'

# (files under, may not import anything that starts with one of)
WALLS = [
    (
        'models/safety_heads',
        (
            'maxsight_mm.models.navigation_heads',
            'maxsight_mm.models.enhancement_heads',
            'maxsight_mm.retrieval',
            'maxsight_mm.inference',
            'maxsight_mm.simulator',
        ),
    ),
    (
        'models/passes/safety_pass.py',
        (
            'maxsight_mm.models.passes.context_pass',
            'maxsight_mm.retrieval',
            'maxsight_mm.inference',
            'maxsight_mm.simulator',
        ),
    ),
    ('models', ('maxsight_mm.inference', 'maxsight_mm.engine', 'maxsight_mm.datasets')),
    (
        'structures',
        ('maxsight_mm.models', 'maxsight_mm.engine', 'maxsight_mm.datasets'),
    ),
    ('taxonomy', ('maxsight_mm.models', 'maxsight_mm.datasets', 'torch', 'mmdet')),
    ('synthetic', ('maxsight_mm.models', 'maxsight_mm.datasets', 'torch', 'mmdet')),
    ('evaluation', ('maxsight_mm.models', 'maxsight_mm.datasets')),
    ('', ('torchvision', 'timm', 'mmdeploy')),
]
MAY_IMPORT_MMDEPLOY = 'deploy'


def imported_by(path: Path) -> set[str]:
    parts = path.relative_to(PACKAGE.parent).with_suffix('').parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = '.'.join(parts[: len(parts) - node.level]) if node.level else ''
            module = '.'.join(filter(None, [base, node.module]))
            found |= {module} | {f'{module}.{alias.name}' for alias in node.names}
    return found


@pytest.mark.parametrize(('room', 'forbidden'), WALLS)
def test_room_does_not_import(room, forbidden):
    place = PACKAGE / room
    files = [place] if place.suffix == '.py' else sorted(place.rglob('*.py'))
    assert files
    for path in files:
        walls = forbidden
        if MAY_IMPORT_MMDEPLOY in path.relative_to(PACKAGE).parts:
            walls = tuple(name for name in forbidden if name != 'mmdeploy')
        broken = [
            name
            for name in imported_by(path)
            for wall in walls
            if name == wall or name.startswith(wall + '.')
        ]
        assert not broken, f'{path.relative_to(PACKAGE.parent)} imports {broken}'
