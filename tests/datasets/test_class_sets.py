"""Classes by name: COCO's 91, the whole taxonomy, or one's own."""

import json

import pytest

from maxsight_mm.datasets import DatasetError, DatasetNotFoundError
from maxsight_mm.registry import DATASETS
from maxsight_mm.taxonomy import CLASSES, COCO_CLASSES, COCO_UNUSED


@pytest.fixture
def write(tmp_path):
    """Writes a file with one image and these categories; builds the data set."""

    def build(names, **options):
        categories = [dict(id=10 + i, name=name) for i, name in enumerate(names)]
        image = dict(id=1, file_name='a.jpg', width=64, height=48)
        box = dict(id=1, image_id=1, category_id=10, bbox=[1, 1, 20, 20], area=400)
        content = dict(images=[image], annotations=[box], categories=categories)
        (tmp_path / 'a.json').write_text(json.dumps(content))
        return DATASETS.build(
            dict(
                type='MaxSightCocoDataset',
                data_root=str(tmp_path),
                ann_file='a.json',
                pipeline=[],
                **options,
            )
        )

    return build


def annotated() -> list[str]:
    return [name for name in COCO_CLASSES if name not in COCO_UNUSED]


def test_coco_has_91_classes_of_which_a_file_may_lack_11(write):
    dataset = write(annotated(), class_set='coco')
    assert dataset.metainfo['classes'] == COCO_CLASSES
    assert dataset.get_data_info(0)['instances'][0]['bbox_label'] == 0


def test_coco_may_lack_no_other_class(write):
    with pytest.raises(DatasetError, match='toothbrush'):
        write([n for n in annotated() if n != 'toothbrush'], class_set='coco')


def test_all_takes_any_part_of_the_taxonomy(write):
    dataset = write(['kerb', 'car'], class_set='all')
    names = [spec.name for spec in CLASSES]
    label = dataset.get_data_info(0)['instances'][0]['bbox_label']
    assert names[label] == 'kerb'


def test_classes_of_a_child_config_win(write):
    dataset = write(
        ['kerb', 'car'], class_set='coco', metainfo=dict(classes=('kerb', 'car'))
    )
    assert dataset.metainfo['classes'] == ('kerb', 'car')


def test_unknown_set_is_refused(write):
    with pytest.raises(ValueError, match='class_set'):
        write(['car'], class_set='voc')


def test_missing_data_say_what_to_do(tmp_path):
    with pytest.raises(DatasetNotFoundError, match='no such data root; fetch it'):
        DATASETS.build(
            dict(
                type='MaxSightCocoDataset',
                data_root=str(tmp_path / 'nowhere'),
                ann_file='a.json',
                if_missing='fetch it',
            )
        )
