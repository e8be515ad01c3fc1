import cv2
import numpy as np
import pytest

from maxsight_mm.datasets import DatasetError, DatasetNotFoundError
from maxsight_mm.registry import DATASETS

PIPELINE = [
    dict(type='LoadSafeImage'),
    dict(type='Resize', scale=(16, 16), keep_ratio=False),
    dict(type='PackTaskInputs'),
]
TASKS = dict(action=('walk', 'run', 'fall'), severity=('low', 'high'))


def picture(path, value=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((12, 10, 3), value, np.uint8))


@pytest.fixture
def folders(tmp_path):
    for name, count in (('safe', 3), ('unsafe', 2)):
        for index in range(count):
            picture(tmp_path / name / 'deeper' / f'{index}.jpg', 50 * index)
    return tmp_path


@pytest.fixture
def table(tmp_path):
    for index in range(4):
        picture(tmp_path / f'{index}.png')
    (tmp_path / 'labels.csv').write_text(
        'path,split,action,severity,site\n'
        '0.png,train,walk,low,A\n'
        '1.png,train,fall,,B\n'
        '2.png,val,run,high,A\n'
        '3.png,train,,high,B\n'
    )
    return tmp_path


def build(root, **settings):
    settings.setdefault('pipeline', PIPELINE)
    return DATASETS.build(
        dict(type='ImageTaskDataset', data_root=str(root), **settings)
    )


def of_table(root, **settings):
    return build(root, ann_file='labels.csv', tasks=TASKS, **settings)


def test_class_folders_are_one_task(folders):
    data = build(folders)
    assert data.metainfo['tasks'] == dict(risk=('safe', 'unsafe'))
    assert [data[i]['data_samples'].gt_tasks.risk.item() for i in range(5)] == [
        0,
        0,
        0,
        1,
        1,
    ]
    assert data[0]['inputs'].shape == (3, 16, 16)


def test_the_order_of_labels_can_be_given(folders):
    data = build(folders, tasks=dict(danger=('unsafe', 'safe')))
    assert data.get_data_info(0)['gt_tasks'] == dict(danger=0)
    assert 'unsafe' in data.get_data_info(0)['img_path']


def test_an_empty_cell_is_unlabelled(table):
    data = of_table(table, group_columns=['site'])
    assert [data.get_data_info(i)['gt_tasks'] for i in range(4)] == [
        dict(action=0, severity=0),
        dict(action=2),
        dict(action=1, severity=1),
        dict(severity=1),
    ]
    sample = data[1]['data_samples']
    assert 'severity' not in sample.gt_tasks
    assert data.get_data_info(1)['groups'] == dict(site='B')


def test_groups_reach_the_sample(table):
    data = of_table(table, group_columns=['site'])
    assert data[1]['data_samples'].groups == dict(site='B')


@pytest.mark.parametrize(
    ('where', 'count'), [(dict(split='train'), 3), (dict(site=['A', 'B']), 4)]
)
def test_rows_are_chosen(table, where, count):
    assert len(of_table(table, where=where)) == count


def test_whole_numbers_choose_rows_too(table):
    text = (table / 'labels.csv').read_text()
    for name, number in (('train', '0'), ('val', '1')):
        text = text.replace(name, number)
    (table / 'labels.csv').write_text(text)
    assert len(of_table(table, where=dict(split=[0]))) == 3
    assert len(of_table(table, where=dict(split=1), test_mode=True)) == 1


def test_a_missing_folder_says_what_to_do(tmp_path):
    with pytest.raises(DatasetNotFoundError, match='draw it first'):
        build(tmp_path / 'none', if_missing='draw it first')


def test_an_empty_class_folder_is_an_error(folders):
    (folders / 'unsure').mkdir()
    with pytest.raises(DatasetError, match='unsure: no pictures'):
        build(folders)


def test_a_folder_that_is_no_class_is_an_error(folders):
    picture(folders / 'unsure' / '1.jpg')
    with pytest.raises(DatasetError, match="'unsure' is none of the classes"):
        build(folders, tasks=dict(risk=('safe', 'unsafe')))


def test_a_class_without_a_folder_is_an_error(folders):
    with pytest.raises(DatasetNotFoundError, match="no folder 'unsure'"):
        build(folders, tasks=dict(risk=('safe', 'unsafe', 'unsure')))


def test_one_class_teaches_nothing(tmp_path):
    picture(tmp_path / 'safe' / '1.jpg')
    with pytest.raises(DatasetError, match='one class only'):
        build(tmp_path)


def test_one_class_in_a_column_is_refused_in_training_alone(table):
    where = dict(split='val')
    with pytest.raises(DatasetError, match="'action' has one class only, 'run'"):
        of_table(table, where=where)
    assert len(of_table(table, where=where, test_mode=True)) == 1


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('walk', 'wolk', "action 'wolk' is none of its classes.*'walk'"),
        ('severity', 'sverity', "no column 'severity'; did you mean 'sverity'"),
        ('walk,', '', 'line 2 has 4 cells, not 5'),
        ('site', 'split', 'two columns have one name'),
    ],
)
def test_a_table_that_does_not_fit_is_an_error(table, old, new, message):
    path = table / 'labels.csv'
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DatasetError, match=message):
        of_table(table)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(where=dict(split='test')), 'no row whose split is test; there are'),
        (dict(where=dict(splt='val')), "no column 'splt'"),
        (dict(group_columns=['city']), "no column 'city'"),
    ],
)
def test_rows_that_are_not_there_are_an_error(table, settings, message):
    with pytest.raises(DatasetError, match=message):
        of_table(table, **settings)


def test_a_task_needs_two_classes_and_folders_one_task(folders):
    with pytest.raises(ValueError, match='two or more'):
        build(folders, tasks=dict(risk=('safe',)))
    with pytest.raises(ValueError, match='one task'):
        build(folders, tasks=TASKS)
    with pytest.raises(ValueError, match='tasks must name'):
        build(folders, ann_file='x.csv')


def test_a_corrupt_image_in_a_thousand_is_skipped_and_more_than_1_percent_stop(
    tmp_path, monkeypatch
):
    for index in range(1000):
        # One file a class is real, the others are links: quick, and all readable.
        folder = tmp_path / ('safe' if index % 2 else 'unsafe')
        if index < 2:
            picture(folder / f'{index}.jpg')
        else:
            (folder / f'{index}.jpg').symlink_to(folder / f'{index % 2}.jpg')
    said = []
    monkeypatch.setattr(
        'maxsight_mm.datasets.bad_images.print_log', lambda text, *_: said.append(text)
    )

    def spoil(names):
        for name in names:
            path = tmp_path / 'safe' / f'{name}.jpg'
            path.unlink()
            path.write_bytes(b'no picture')

    spoil([501])
    data = build(tmp_path)
    samples = [data[index] for index in range(len(data))]
    assert None not in samples
    assert len(said) == 1
    assert '501.jpg' in said[0]
    assert '(1 so far)' in said[0]
    spoil(range(511, 531, 2))
    with pytest.raises(DatasetError, match='11 of 1000 images are unusable'):
        for index in range(len(data)):
            data[index]


def test_a_corrupt_image_is_no_answer_in_a_test(folders):
    (folders / 'safe' / 'broken.jpg').write_bytes(b'no picture')
    data = build(folders, test_mode=True)
    with pytest.raises(ValueError, match=r'broken\.jpg'):
        for index in range(len(data)):
            data[index]
