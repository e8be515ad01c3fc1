import json
import pickle

import numpy as np
import pytest
import torch
from mmengine.fileio import dump

from maxsight_mm.evaluation.detection_files import (
    DetectionFileError,
    read_detections_file,
    read_truth,
)

CLASSES = ('with', 'without')
# Ids and order of the file differ from those of the classes.
DATA = dict(
    images=[dict(id=7), dict(id=9)],
    categories=[dict(id=5, name='without'), dict(id=6, name='with')],
    annotations=[
        dict(id=1, image_id=7, category_id=5, bbox=[10, 20, 30, 40]),
        dict(id=2, image_id=7, category_id=6, bbox=[0, 0, 5, 5], iscrowd=1),
    ],
)


def record(image, boxes, scores, labels):
    instances = dict(
        bboxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        scores=torch.tensor(scores, dtype=torch.float32),
        labels=torch.tensor(labels, dtype=torch.int64),
    )
    return dict(img_id=image, scale_factor=(1.0, 1.0), pred_instances=instances)


def write(path, records):
    dump(records, str(path))
    return path


@pytest.fixture
def good(tmp_path):
    records = [record(7, [[1, 2, 3, 4]], [0.5], [1]), record(9, [], [], [])]
    return write(tmp_path / 'predictions.pkl', records)


def test_objects_have_the_labels_of_the_classes():
    truth = read_truth(DATA, CLASSES)
    np.testing.assert_array_equal(truth[7].boxes, [[10, 20, 40, 60]])
    np.testing.assert_array_equal(truth[7].labels, [1])
    np.testing.assert_array_equal(truth[7].ignored_boxes, [[0, 0, 5, 5]])
    np.testing.assert_array_equal(truth[7].ignored_labels, [0])
    assert truth[9].boxes.shape == (0, 4) and truth[9].labels.shape == (0,)


def test_pickle_of_a_test_is_read(good):
    found = read_detections_file(good, DATA, CLASSES)
    np.testing.assert_array_equal(found[7].boxes, [[1, 2, 3, 4]])
    np.testing.assert_array_equal(found[7].labels, [1])
    assert found[7].scores == pytest.approx([0.5])
    assert found[9].boxes.shape == (0, 4) and found[9].labels.dtype == np.int64


def test_coco_results_are_read_by_the_names_of_the_classes(tmp_path):
    path = tmp_path / 'results.json'
    row = dict(image_id=7, category_id=5, bbox=[1, 2, 3, 4], score=0.25)
    path.write_text(json.dumps([row]))
    found = read_detections_file(path, DATA, CLASSES)
    np.testing.assert_array_equal(found[7].boxes, [[1, 2, 4, 6]])
    assert found[7].labels.tolist() == [1] and found[7].scores.tolist() == [0.25]
    assert found[9].boxes.shape == (0, 4)


class Evil:
    def __reduce__(self):
        return (pytest.fail, ('the pickle ran code',))


def test_a_pickle_runs_no_code(tmp_path):
    path = tmp_path / 'evil.pkl'
    for content in (Evil(), [dict(img_id=7, pred_instances=Evil())]):
        path.write_bytes(pickle.dumps(content))
        with pytest.raises(DetectionFileError, match=r'evil.pkl: .*it holds'):
            read_detections_file(path, DATA, CLASSES)


def test_a_tensor_in_a_pickle_runs_no_code(tmp_path):
    class Hidden:
        def __reduce__(self):
            bytes_of = pickle.dumps(Evil(), protocol=2)
            return (torch.storage._load_from_bytes, (bytes_of,))

    path = tmp_path / 'evil.pkl'
    path.write_bytes(pickle.dumps([Hidden()]))
    with pytest.raises(DetectionFileError, match='no predictions'):
        read_detections_file(path, DATA, CLASSES)


@pytest.mark.parametrize(
    ('records', 'words'),
    [
        ([record(7, [], [], [])], '1 images of the annotation file have no'),
        ([record(i, [], [], []) for i in (7, 9, 11)], '1 with predictions are not in'),
        ([record(7, [], [], []), record(9, [[0, 0, 1, 1]], [0.5], [2])], '0 to 1, got'),
        (
            [record(7, [], [], []), record(9, [[0, 0, 1, 1]], [np.nan], [1])],
            'image 9: boxes and scores must be finite',
        ),
        (
            [record(7, [], [], []), record(9, [[0, 0, 1, 1]], [0.5, 0.4], [1])],
            'image 9: as many boxes',
        ),
        ([dict(img_id=7)], 'expected a list of dicts with img_id and pred_inst'),
        (dict(a=1), 'expected a list of dicts'),
    ],
)
def test_predictions_that_do_not_fit_are_refused(tmp_path, records, words):
    path = write(tmp_path / 'predictions.pkl', records)
    with pytest.raises(DetectionFileError, match=words) as caught:
        read_detections_file(path, DATA, CLASSES)
    assert 'predictions.pkl' in str(caught.value) and '\n' not in str(caught.value)


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('a.pkl', b'no pickle'),
        ('a.pkl', b''),
        ('a.json', b'{'),
        ('a.json', b'[{"image_id": 7}]'),
        ('a.json', b'[{"image_id": 7, "category_id": 1, "bbox": [1], "score": 1}]'),
        ('a.json', b'7'),
    ],
)
def test_broken_files_are_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DetectionFileError, match='no predictions|no COCO results'):
        read_detections_file(path, DATA, CLASSES)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DetectionFileError, match=r'none.pkl: cannot be read: No such'):
        read_detections_file(tmp_path / 'none.pkl', DATA, CLASSES)


def test_other_classes_are_named():
    with pytest.raises(DetectionFileError, match='without, with; name them'):
        read_truth(DATA, ('cat', 'with'))
