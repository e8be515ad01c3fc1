import numpy as np

from maxsight_mm.datasets.derived_labels import DERIVED, PER_OBJECT

CLASSES = ('person', 'car', 'street sign', 'scratch')
NEUTRAL = np.zeros(8, np.float32)


def results(img_id=1, user=None, **fields):
    return {
        'img_id': img_id,
        'classes': CLASSES,
        'gt_bboxes_labels': np.array([0, 1, 2, 3], np.int64),
        'gt_instance_tasks': {k: np.array(v) for k, v in fields.items()},
        'gt_tasks': {} if user is None else {'user': np.array(user, np.float32)},
    }


def test_user_depends_on_the_image_and_on_nothing_else():
    first, again = (DERIVED['user'](results(7)) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(DERIVED['user'](results(8)), DERIVED['user'](results(9)))


def test_users_are_of_all_kinds():
    users = np.stack([DERIVED['user'](results(k)) for k in range(400)])
    neutral = (users == 0).all(axis=1)
    assert 0.2 < neutral.mean() < 0.32
    assert ((users >= 0) & (users <= 1)).all()
    share = (users > 0).mean(axis=0)
    assert (share > 0.2).all() and (share < 0.4).all()


def test_neutral_user_is_told_from_caution_on():
    found = DERIVED['alerts'](results(user=NEUTRAL, urgencies=[0, 1, 2, 3]))
    assert found.tolist() == [0, 1, 1, 1]


def test_wish_for_people_tells_of_safe_people_alone():
    user = NEUTRAL.copy()
    user[0] = 0.8
    assert DERIVED['alerts'](results(user=user, urgencies=[0] * 4)).tolist() == [
        1,
        0,
        0,
        0,
    ]


def test_unknown_urgency_is_an_unknown_alert():
    data = results(user=NEUTRAL, urgencies=[-1, 3, 0, -1])
    assert DERIVED['alerts'](data).tolist() == [-1, 1, 0, -1]
    assert DERIVED['danger_alerts'](data).tolist() == [-1, 1, 0, -1]
    assert DERIVED['alerts'](results(user=NEUTRAL)) is None
    assert {'alerts', 'danger_alerts'} <= PER_OBJECT
