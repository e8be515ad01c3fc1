"""What stands beside an exported graph, so that nobody has to guess how to run it.

An export is a folder: ``deploy.json``, the graph file or files, and ``parity.json``
once it was compared with PyTorch. A reader trusts nothing in it: every value is
checked, every file is hashed, and no path leads out of the folder (our design).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any

from maxsight_mm.engine.file_mark import file_sha256

from .artefact_rules import RULES

FORMAT_VERSION = 1
FILE_NAME = 'deploy.json'


class ArtefactError(ValueError):
    """An exported folder cannot be used; the message is one line and names it."""


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """Content of ``deploy.json``.

    Attributes:
        backend: Runtime the graph is for: ``onnxruntime``, ``openvino``, ...
        precision: One of ``PRECISIONS``.
        kind: ``detections`` if the graph ends in detections, ``scores`` if in the
            answers of all locations, ``full`` if in the detections and the answers of
            the context stage.
        graph: Path of the graph inside the folder, a file or a folder.
        input_name: Name of the graph's input, (B, 3, H, W) float32.
        input_size: (H, W) in pixels; of a graph of dynamic size, the ``scale`` that
            pictures are resized to, as the test pipeline's ``Resize`` has it.
        size_range: Smallest and largest (H, W); ``None`` for a static graph.
        size_divisor: H and W of a dynamic graph are multiples of it.
        batch_size: Images the graph takes at once; ``None`` for any number.
        keep_ratio: Resize with the aspect kept and pad below and to the right, or
            stretch to the whole input.
        mean: Of the channels in the order the graph gets them, 0 to 255.
        std: Of the same.
        bgr_to_rgb: Whether the graph gets RGB.
        pad_value: Of the padding, after normalisation.
        classes: Class names in label order.
        test_cfg: Settings of ``DetectionDecoder``, all of them.
        min_safe_scores: Score that *safe* must reach, of ``urgency`` and
            ``object_urgency``.
        model_config: Stem of the model's config.
        checkpoint_sha256: Of the checkpoint the graph was made from.
        files: SHA-256 of each file of the graph, by path inside the folder;
            filled in by :func:`write_artefact`.
        versions: Packages that made it.
        notes: Whatever else the exporter wants to say; nothing reads it.
    """

    backend: str
    precision: str
    kind: str
    graph: str
    input_size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bgr_to_rgb: bool
    classes: tuple[str, ...]
    test_cfg: dict[str, Any]
    min_safe_scores: dict[str, float]
    model_config: str
    checkpoint_sha256: str
    input_name: str = 'input'
    size_range: tuple[tuple[int, int], tuple[int, int]] | None = None
    size_divisor: int = 32
    batch_size: int | None = 1
    keep_ratio: bool = True
    pad_value: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        """Refuses values no runtime could follow.

        Raises:
            ArtefactError: Naming the first of them.
        """
        for name, is_right, wanted in RULES:
            value = _frozen(getattr(self, name))
            object.__setattr__(self, name, value)
            if not is_right(value):
                raise ArtefactError(f'{FILE_NAME}: {name} must be {wanted}: {value!r}')
        if self.size_range is not None:
            low, high = self.size_range
            sizes = zip(low, self.input_size, high, strict=True)
            if not all(a <= b <= c for a, b, c in sizes):
                raise ArtefactError(
                    f'{FILE_NAME}: input_size {self.input_size} lies outside its '
                    f'size_range {self.size_range}'
                )


def write_artefact(
    folder: str | Path, artefact: Artefact, more_files: Iterable[str] = ()
) -> Artefact:
    """Hash the graph and write ``deploy.json`` beside it.

    Args:
        folder: Where the graph already is.
        artefact: Its description; ``files`` is filled in here.
        more_files: Further files the graph needs, inside the folder. Weights that
            lie beside the graph under its name (``.bin``, ``.data``,
            ``.onnx.data``, ``.onnx_data``) are found.

    Returns:
        The artefact as written.

    Raises:
        ArtefactError: If a file is missing or lies outside the folder.
    """
    folder = Path(folder)
    graph = _inside(folder, artefact.graph)
    found = [path for path in sorted(graph.rglob('*')) if path.is_file()]
    if graph.is_file():
        names = [graph.with_suffix(s) for s in ('.bin', '.data')]
        names += [Path(f'{graph}{s}') for s in ('.data', '_data')]
        found = [graph, *(path for path in names if path.is_file())]
    found += [_inside(folder, name) for name in more_files]
    root = folder.resolve()
    hashes = {path.relative_to(root).as_posix(): file_sha256(path) for path in found}
    artefact = replace(artefact, files=hashes)
    text = json.dumps(asdict(artefact), indent=2, ensure_ascii=False)
    (folder / FILE_NAME).write_text(text + '\n', encoding='utf-8')
    return artefact


def read_artefact(folder: str | Path) -> Artefact:
    """Read and check an exported folder.

    Raises:
        ArtefactError: If ``deploy.json`` is missing, broken or of another format
            version, a file is missing, was changed or lies outside the folder.
    """
    path = Path(folder) / FILE_NAME
    if not path.is_file():
        raise ArtefactError(f'{folder} is no exported folder: it has no {FILE_NAME}')
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError, RecursionError) as error:
        raise ArtefactError(f'{path} cannot be read: {error}') from None
    if not isinstance(content, dict):
        raise ArtefactError(f'{path} holds a {type(content).__name__}, not an object')
    version = content.get('format_version')
    if version != FORMAT_VERSION:
        raise ArtefactError(
            f'{path} has format version {version!r}, this package reads '
            f'{FORMAT_VERSION}: export again'
        )
    known = {f.name for f in fields(Artefact)}
    if unknown := sorted(content.keys() - known):
        raise ArtefactError(f'{path} has unknown entries: {", ".join(unknown)}')
    try:
        artefact = Artefact(**content)
    except TypeError as error:
        missing = str(error).split('argument')[-1].lstrip('s: ')
        raise ArtefactError(f'{path} lacks {missing}') from None
    _check_files(Path(folder), artefact)
    return artefact


def _check_files(folder: Path, artefact: Artefact) -> None:
    graph = _inside(folder, artefact.graph)
    root = folder.resolve()
    # Everything in a graph that is a folder; the file itself otherwise.
    needed = {graph} if graph.is_file() else set(filter(Path.is_file, graph.rglob('*')))
    if graph.suffix == '.xml':
        # OpenVINO reads the weights beside it, whatever they are.
        needed.add(graph.with_suffix('.bin'))
    unhashed = {path.relative_to(root).as_posix() for path in needed} - set(
        artefact.files
    )
    if unhashed or not needed:
        name = min(unhashed, default=artefact.graph)
        raise ArtefactError(f'{folder / FILE_NAME} has no sha256 of {name}')
    for name, expected in artefact.files.items():
        path = _inside(folder, name)
        if not path.is_file() or file_sha256(path) != expected:
            raise ArtefactError(
                f'{folder / name} is not the file that was exported: its sha256 '
                f'differs from the one in {FILE_NAME}'
            )


def _inside(folder: Path, name: str) -> Path:
    """The resolved path of a file of the folder."""
    root = folder.resolve()
    path = (root / name).resolve()
    if PurePosixPath(name).is_absolute() or root not in path.parents:
        raise ArtefactError(f'{folder}: the path {name!r} leads out of the folder')
    if not path.exists():
        raise ArtefactError(f'{folder}: the file {name!r} is missing')
    return path


def _frozen(value: Any) -> Any:
    """Lists as tuples."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
