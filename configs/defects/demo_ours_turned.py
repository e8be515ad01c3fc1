"""demo_ours.py with the recipe's turns and shears: what upright boxes are worth.

Command: python tools/train.py configs/defects/demo_ours_turned.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./demo_ours.py']

turns = [
    [dict(type='Rotate', max_mag=10.0)],
    [dict(type='ShearX', max_mag=10.0)],
    [dict(type='ShearY', max_mag=10.0)],
    *_base_.geometric,
]
strong = [
    dict(
        type='RandomOrder',
        transforms=[
            _base_.recoloured,
            dict(type='RandAugment', aug_space=turns, aug_num=1),
        ],
    ),
    _base_.erased,
]
unlabelled_pipeline = [
    *_base_.load_unlabelled,
    dict(
        type='MultiBranch',
        branch_field=_base_.branches,
        unsup_teacher=[*_base_.weak, _base_.pack],
        unsup_student=[*_base_.weak, *strong, _base_.pack],
    ),
]
labelled_set, unlabelled_set = _base_.ssod_sets
turned_sets = [labelled_set, dict(unlabelled_set, pipeline=unlabelled_pipeline)]
train_dataloader = dict(dataset=dict(datasets=turned_sets))
