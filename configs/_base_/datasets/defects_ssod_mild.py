"""defects_ssod_recipe.py with the recipe's earlier, narrower colour ranges."""

_base_ = ['./defects_ssod_recipe.py']

color_space = [
    [dict(type='AutoContrast', prob=0.5)],
    [dict(type='Equalize', prob=0.4)],
    [dict(type='Brightness', prob=0.8, min_mag=0.8, max_mag=1.25)],
    [dict(type='Contrast', prob=0.8, min_mag=0.8, max_mag=1.3)],
    [dict(type='Sharpness', prob=0.3, min_mag=0.8, max_mag=1.5)],
]
recoloured = dict(type='RandAugment', aug_space=color_space, aug_num=1)
strong = [
    dict(
        type='RandomOrder',
        transforms=[
            recoloured,
            dict(type='RandAugment', aug_space=_base_.geometric, aug_num=1),
        ],
    ),
    _base_.erased,
]
labelled_pipeline = [
    *_base_.load_labelled,
    *_base_.weak,
    recoloured,
    _base_.as_labelled,
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
mild_sets = [
    dict(labelled_set, pipeline=labelled_pipeline),
    dict(unlabelled_set, pipeline=unlabelled_pipeline),
]
train_dataloader = dict(dataset=dict(datasets=mild_sets))
