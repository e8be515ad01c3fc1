"""Export: ``python tools/deploy.py DEPLOY_CONFIG CONFIG CHECKPOINT IMAGE``.

The arguments are those of mmdeploy's tool of the same name, in its order. Writes the
graph, ``deploy.json`` and ``parity.json`` and ends with status 1 if the graph decides
otherwise than the PyTorch model does.
"""

import argparse
import os.path as osp
import sys
from pathlib import Path

from mmengine.config import Config

from maxsight_mm.datasets.image_dirs import IMAGE_SUFFIXES
from maxsight_mm.datasets.safe_image import decode_bgr
from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.config_loading import ConfigError, load_config
from maxsight_mm.engine.one_line_errors import one_line_errors

_KEYS = ('backend_config', 'kind', 'precision')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Export a model')
    parser.add_argument('deploy_cfg', help='config of configs/deploy')
    parser.add_argument('model_cfg', help='config the checkpoint was trained with')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('img', help='picture to export with and to compare')
    parser.add_argument('--work-dir', required=True, help='where the files go')
    parser.add_argument('--parity-images', help='folder of pictures to compare as well')
    return parser.parse_args()


def read_deploy_config(path: str) -> Config:
    """The deploy config, refused if it is none."""
    config = load_config(path)
    missing = [key for key in _KEYS if key not in config]
    if missing:
        raise ConfigError(
            f'{path} is no deploy config: it lacks {", ".join(missing)}; '
            'see configs/deploy'
        )
    return config


def model_type(config: Config) -> str:
    """Name of the model's class, without the scope before it."""
    kind = (config.get('model') or {}).get('type')
    if not isinstance(kind, str):
        raise ConfigError('the model config has no model.type')
    return kind.rsplit('.', 1)[-1]


def pictures_in(folder: str | None) -> list[Path]:
    """Pictures of a folder by name; none without a folder."""
    if folder is None:
        return []
    if not osp.isdir(folder):
        raise FileNotFoundError(f'folder {folder} does not exist')
    found = sorted(
        path
        for path in Path(folder).iterdir()
        if path.name.lower().endswith(IMAGE_SUFFIXES)
    )
    if not found:
        raise ConfigError(f'folder {folder} holds no pictures')
    return found


def check_pictures(paths: list[Path]) -> None:
    """Refuses what cannot be read before anything is written."""
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f'picture {path} does not exist')
        decode_bgr(path.read_bytes(), str(path))


def tensorrt_steps(folder: str, precision: str, described: bool) -> str:
    """What is left to do where the GPU is; ours reads exports with ``deploy.json``."""
    trtexec = f'trtexec --onnx={folder}/end2end.onnx --saveEngine={folder}.engine'
    if precision == 'int8':
        return (
            'the graph is float32; build the engine where TensorRT and its GPU are, '
            f'with a calibration cache made there:\n  {trtexec} --int8 --calib=CACHE'
        )
    half = ' --fp16' if precision == 'fp16' else ''
    steps = f'build the engine where TensorRT and its GPU are:\n  {trtexec}{half}'
    if not described:
        return steps
    return (
        f'{steps}\nor, with a comparison against the graph:\n'
        f'  python tools/model_tools/build_tensorrt.py {folder} --images PICTURES'
    )


def main() -> None:
    args = parse_args()
    with one_line_errors('deploy'):
        checkpoint.install()
        deploy_config = read_deploy_config(args.deploy_cfg)
        config = load_config(args.model_cfg)
        parity_images = [Path(args.img), *pictures_in(args.parity_images)]
        check_pictures(parity_images)
        if model_type(config) != 'MaxSightDetector':
            from maxsight_mm.deploy.export_mmdet import export_mmdet

            report = export_mmdet(
                deploy_config, config, args.checkpoint, args.work_dir, parity_images
            )
            if deploy_config.backend_config.type == 'tensorrt':
                print(tensorrt_steps(args.work_dir, deploy_config.precision, False))
            print(report)
            sys.exit(not report.passed)
        from maxsight_mm.deploy.export_folder import export_safety_pass, prove_export

        export_safety_pass(
            deploy_config,
            config,
            args.checkpoint,
            args.img,
            args.work_dir,
        )
        print(f'wrote {args.work_dir}')
        if deploy_config.backend_config.type == 'tensorrt':
            print(tensorrt_steps(args.work_dir, deploy_config.precision, True))
        proof = prove_export(args.work_dir, config, args.checkpoint, parity_images)
    if proof is None:
        print('parity: not checked, this backend does not run here')
        return
    print(proof.table())
    sys.exit(not proof.passed)


if __name__ == '__main__':
    main()
