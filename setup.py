"""Package metadata; the tested versions are in requirements/."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
# One file each in requirements/.
EXTRAS = (
    'eval',
    'export',
    'coreml',
    'edge',
    'web',
    'tune',
    'track',
    'ocr',
    'retrieval',
    'audio',
    'dev',
)


def requirements(name: str) -> list[str]:
    """Requirements listed in ``requirements/<name>.txt``."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in lines if line and not line.startswith('#')]


def version() -> str:
    """``__version__`` of the package, read without importing it."""
    text = (ROOT / 'maxsight_mm' / '__init__.py').read_text()
    return re.search(r"__version__ = '(.+)'", text)[1]


setup(
    name='maxsight_mm',
    version=version(),
    description='Safety perception for MMDetection: '
    'what, where, how far, how urgent, how sure',
    license='Apache-2.0',
    python_requires='>=3.10,<3.14',
    packages=find_packages(include=['maxsight_mm*']),
    package_data={'maxsight_mm': ['*/templates/*', '*/static/**/*']},
    install_requires=requirements('runtime'),
    extras_require={name: requirements(name) for name in EXTRAS},
)
