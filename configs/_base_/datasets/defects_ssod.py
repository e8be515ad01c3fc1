"""Labelled and unlabelled views of parts, with weak and strong pictures, made by

``python tools/dataset_tools/make_synthetic.py defects data/defects``

The colours have the recipe's wide ranges, one operation a picture. MMDetection rounds
a magnitude to 0.1, so that a Translate moves by a tenth or not at all, and Posterize
leaves 1 to 4 bits, seldom none. A child builds pipelines and data sets of its own from
the names below: defects_ssod_recipe.py for turns, neu_det_ssod.py for a root, classes
and a size. Batch and views per part are entries of ``train_dataloader`` and
its sampler.
"""

dataset_type = 'MaxSightCocoDataset'
data_root = 'data/defects/'
if_missing = 'write it with tools/dataset_tools/make_synthetic.py defects'
classes = ('Severe_Rust', 'Chipped', 'Broken', 'Tip_Wear', 'Scratched')
image_size = (160, 160)
meta_keys = (
    'img_id',
    'img_path',
    'ori_shape',
    'img_shape',
    'scale_factor',
    'homography_matrix',
    'part_id',
    'view_id',
)

color_space = [
    [dict(type='AutoContrast', prob=0.6)],
    [dict(type='Equalize', prob=0.5)],
    [dict(type='Brightness', prob=0.8, min_mag=0.7, max_mag=1.4)],
    [dict(type='Contrast', prob=0.8, min_mag=0.7, max_mag=1.5)],
    [dict(type='Sharpness', prob=0.5, min_mag=0.7, max_mag=2.0)],
    [dict(type='Posterize', prob=0.3)],
]
# No turns and no shears: the upright box of a turned box is wider than the defect.
geometric = [
    [dict(type='TranslateX', max_mag=0.1)],
    [dict(type='TranslateY', max_mag=0.1)],
]
resized = dict(
    type='RandomResize', scale=image_size, ratio_range=(0.8, 1.0), keep_ratio=True
)
# A part has no upside.
flipped = dict(
    type='RandomFlip',
    prob=[0.25, 0.25, 0.25],
    direction=['horizontal', 'vertical', 'diagonal'],
)
weak = [resized, flipped]
erased = dict(type='RandomErasing', n_patches=(1, 3), ratio=(0, 0.12))
recoloured = dict(type='RandAugment', aug_space=color_space, aug_num=1)
strong = [
    dict(
        type='RandomOrder',
        transforms=[
            recoloured,
            dict(type='RandAugment', aug_space=geometric, aug_num=1),
        ],
    ),
    erased,
]
pack = dict(type='PackDetInputs', meta_keys=meta_keys)
branches = ('sup', 'unsup_teacher', 'unsup_student')
load_labelled = [
    dict(type='LoadSafeImage'),
    dict(type='LoadAnnotations', with_bbox=True),
]
load_unlabelled = [dict(type='LoadSafeImage'), dict(type='LoadEmptyAnnotations')]
as_labelled = dict(type='MultiBranch', branch_field=branches, sup=pack)
labelled_pipeline = [*load_labelled, *weak, recoloured, as_labelled]
unlabelled_pipeline = [
    *load_unlabelled,
    dict(
        type='MultiBranch',
        branch_field=branches,
        unsup_teacher=[*weak, pack],
        unsup_student=[*weak, *strong, pack],
    ),
]
test_pipeline = [
    *load_labelled,
    dict(type='Resize', scale=image_size, keep_ratio=True),
    pack,
]

training_set = dict(
    type=dataset_type,
    data_root=data_root,
    data_prefix=dict(img='images/'),
    metainfo=dict(classes=classes),
    absent_classes='any',
    if_missing=if_missing,
)
ssod_sets = [
    dict(
        **training_set,
        ann_file='annotations/instances_train_labelled10.json',
        pipeline=labelled_pipeline,
    ),
    dict(
        **training_set,
        ann_file='annotations/instances_train_unlabelled90.json',
        pipeline=unlabelled_pipeline,
    ),
]
train_dataloader = dict(
    batch_size=8,
    # On two cores a loader process takes more from the training than it gives.
    num_workers=0,
    sampler=dict(
        type='LinkedViewSampler', batch_size=8, source_ratio=[1, 1], views_per_part=2
    ),
    dataset=dict(type='ConcatDataset', datasets=ssod_sets),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=0,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        **training_set,
        ann_file='annotations/instances_val.json',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='DetectionMetric')
test_evaluator = val_evaluator
