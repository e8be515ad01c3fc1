"""Build a TensorRT engine of an export and compare it with ONNX Runtime.

``python tools/model_tools/build_tensorrt.py FOLDER --images PICTURES``

FOLDER is what ``tools/deploy.py configs/deploy/tensorrt_fp16.py`` wrote; it is copied
to the machine with the GPU, where this runs. The engine lies beside it as
``FOLDER.engine``, for an export's files are hashed and stay as they are. Ends with
status 1 if the engine decides otherwise than the graph it was built from.
"""

import argparse
from pathlib import Path

from maxsight_mm.engine.config_loading import ConfigError
from maxsight_mm.engine.one_line_errors import one_line_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', help='export for TensorRT')
    parser.add_argument('--images', required=True, help='folder of pictures')
    parser.add_argument('--workspace-gib', type=float, default=2.0)
    return parser.parse_args()


def main() -> int:
    args = parse_args()
    with one_line_errors('build_tensorrt'):
        from maxsight_mm.datasets.image_dirs import IMAGE_SUFFIXES
        from maxsight_mm.deploy.artefact import read_artefact
        from maxsight_mm.deploy.deployed_safety_pass import DeployedSafetyPass
        from maxsight_mm.deploy.parity import THRESHOLDS, check_parity
        from maxsight_mm.deploy.tensorrt_engine import TensorRtSession, build_engine

        artefact = read_artefact(args.folder)
        if artefact.backend != 'tensorrt' or artefact.precision == 'int8':
            raise ConfigError(
                f'{args.folder} was exported for {artefact.backend} in '
                f'{artefact.precision}; this builds engines of tensorrt_fp16, int8 '
                'ones are built by trtexec with a calibration cache'
            )
        folder = Path(args.folder).resolve()
        found = sorted(Path(args.images).iterdir())
        pictures = [x for x in found if x.name.lower().endswith(IMAGE_SUFFIXES)]
        if not pictures:
            raise ConfigError(f'{args.images} holds no pictures')
        engine = folder.with_name(f'{folder.name}.engine')
        try:
            build_engine(
                folder / artefact.graph,
                engine,
                artefact.precision == 'fp16',
                args.workspace_gib,
            )
            session = TensorRtSession(engine)
        except ImportError as error:
            raise ConfigError(str(error)) from error
        reference = DeployedSafetyPass(folder, backend='onnxruntime')
        candidate = DeployedSafetyPass(folder, session=session)
        report = check_parity(
            reference, candidate, pictures, THRESHOLDS[artefact.precision]
        )
    print(report.table())
    return int(not report.passed)


if __name__ == '__main__':
    raise SystemExit(main())
