import pytest

from maxsight_mm.datasets.coco_json import DatasetError
from maxsight_mm.datasets.image_dirs import find_image_dir


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@pytest.mark.parametrize(
    'folder', ['images/train2017', 'train', 'val', 'train_images', 'images', '']
)
def test_known_layouts_are_found_with_and_without_names(tmp_path, folder):
    touch(tmp_path / folder / 'a.JPG')
    assert find_image_dir(tmp_path) == tmp_path / folder
    assert find_image_dir(tmp_path, ['a.JPG']) == tmp_path / folder


def test_names_decide_between_two_folders(tmp_path):
    touch(tmp_path / 'train' / 'a.png')
    touch(tmp_path / 'val' / 'b.png')
    assert find_image_dir(tmp_path, ['b.png']) == tmp_path / 'val'


def test_names_with_a_folder_resolve_at_the_root(tmp_path):
    touch(tmp_path / 'train' / 'a.png')
    assert find_image_dir(tmp_path, ['train/a.png']) == tmp_path


def test_error_lists_what_was_tried_and_the_best_folder(tmp_path):
    touch(tmp_path / 'train' / 'a.png')
    with pytest.raises(DatasetError, match="best was train with 1 of 2.*'c.png'") as e:
        find_image_dir(tmp_path, ['a.png', 'c.png'])
    assert 'images/train2017' in str(e.value)


def test_error_without_images_or_without_root(tmp_path):
    with pytest.raises(DatasetError, match='no image .*images/train2017'):
        find_image_dir(tmp_path)
    with pytest.raises(FileNotFoundError, match='no such data root'):
        find_image_dir(tmp_path / 'none')
