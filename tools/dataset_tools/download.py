"""Fetch a public data set: ``python tools/dataset_tools/download.py coco``.

Files are fetched one after another with torch's downloader and unpacked into the
folder that our configs read; what is there already is not fetched again.
MMDetection's own downloader fetches five times as much (test, unlabelled and
panoptic files) and ends with status 0 when it could not fetch any of it.
"""

import argparse
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import torch


class DataSet(NamedTuple):
    """Where a data set comes from and where it belongs."""

    folder: str
    size: str
    # URL -> a path inside the folder that is there once it is unpacked
    files: dict[str, str]


_COCO = 'http://images.cocodataset.org/'
DATA_SETS = {
    'coco': DataSet(
        folder='data/coco',
        size='20 GB, twice that while unpacking',
        files={
            _COCO + 'annotations/annotations_trainval2017.zip': (
                'annotations/instances_val2017.json'
            ),
            _COCO + 'zips/val2017.zip': 'val2017',
            _COCO + 'zips/train2017.zip': 'train2017',
        },
    ),
}


def fetch(url: str, folder: Path) -> None:
    """Download one zip file and unpack it; the zip is removed afterwards.

    Raises:
        OSError: If it cannot be fetched or written.
        zipfile.BadZipFile: If what came is no zip file.
    """
    archive = folder / Path(url).name
    if not archive.is_file():
        # torch writes to a temporary name and renames when it is complete.
        torch.hub.download_url_to_file(url, str(archive))
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    archive.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('name', choices=sorted(DATA_SETS))
    parser.add_argument('--out', help='folder, if not the one the configs read')
    args = parser.parse_args()
    wanted = DATA_SETS[args.name]
    folder = Path(args.out or wanted.folder)
    print(f'{args.name} ({wanted.size}) -> {folder}')
    for url, proof in wanted.files.items():
        if (folder / proof).exists():
            print(f'{folder / proof} is there')
            continue
        print(f'fetching {url}')
        try:
            folder.mkdir(parents=True, exist_ok=True)
            fetch(url, folder)
        except (OSError, zipfile.BadZipFile) as error:
            print(f'download: {url} cannot be fetched: {error}', file=sys.stderr)
            sys.exit(2)


if __name__ == '__main__':
    main()
