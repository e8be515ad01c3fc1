import numpy as np
import pytest
from mmdet.structures.bbox import HorizontalBoxes

from maxsight_mm.datasets.derived_labels import DERIVED
from maxsight_mm.datasets.transforms import DeriveTaskLabels, PackTaskInputs
from maxsight_mm.synthetic.street import PREDICATES as STREET_PREDICATES
from maxsight_mm.taxonomy.predicates import LABEL_ORDER, PREDICATES, RELATIONS

LABEL = {name: index for index, name in enumerate(RELATIONS)}


def results(relations, count=3, ignored=()):
    boxes = np.tile(np.array([[0, 0, 8, 8]], np.float32), (count, 1))
    flags = np.zeros(count, bool)
    flags[list(ignored)] = True
    tasks = {} if relations is None else {'relations': relations}
    return {
        'img': np.zeros((16, 16, 3), np.uint8),
        'img_shape': (16, 16),
        'instances': [],
        'gt_bboxes': HorizontalBoxes(boxes),
        'gt_bboxes_labels': np.zeros(count, np.int64),
        'gt_ignore_flags': flags,
        'gt_instance_tasks': {},
        'gt_tasks': tasks,
    }


def test_predicates_are_those_of_the_street_world():
    assert PREDICATES == STREET_PREDICATES
    assert sorted(LABEL_ORDER) == sorted(PREDICATES)


def test_every_pair_has_one_label_and_itself_none():
    relations = [[0, 'near', 1], [0, 'left of', 1], [1, 'right of', 0], [1, 'near', 2]]
    assert DERIVED['relation_labels'](results(relations)).tolist() == [
        [-1, LABEL['left of'], 0],
        [LABEL['right of'], -1, LABEL['near']],
        [0, LABEL['near'], -1],
    ]


def test_foreign_predicate_is_unknown_unless_another_holds():
    relations = [[0, 'holds', 1], [1, 'holds', 0], [1, 'behind', 0]]
    labels = DERIVED['relation_labels'](results(relations, count=2))
    assert labels.tolist() == [[-1, -1], [LABEL['behind'], -1]]


def test_unlabelled_relations_stay_unlabelled():
    assert DERIVED['relation_labels'](results(None)) is None


@pytest.mark.parametrize('count', [0, 1])
def test_none_and_one_object(count):
    labels = DERIVED['relation_labels'](results([], count))
    assert labels.shape == (count, count) and (labels == -1).all()


def test_labels_fit_the_packed_boxes_without_the_ignored():
    data = results([[0, 'left of', 2], [1, 'near', 2]], ignored=[1])
    data = DeriveTaskLabels(['relation_labels'])(data)
    sample = PackTaskInputs(meta_keys=())(data)['data_samples']
    assert len(sample.gt_instances) == 2
    assert sample.gt_tasks.relation_labels.tolist() == [[-1, LABEL['left of']], [0, -1]]
