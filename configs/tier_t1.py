"""Tier T1: attention over the safety pyramid, and the navigation heads.

Adds to T0 a context stage that reads the safety pass detached: 15.5 M of attention
and 3.7 M of heads. A label that the data do not carry costs nothing; COCO has none
of depth, light or findability, so bring your own (docs/datasets.md) or see
configs/demo/street_t2.py.
Command: python tools/train.py configs/tier_t1.py --amp
Hardware: one GPU with 24 GB.
Result: not measured.
"""

_base_ = './tier_t0.py'

optim_wrapper = dict(optimizer=dict(lr=1.2e-4))
model = dict(
    data_preprocessor=dict(type='TaskDataPreprocessor'),
    context_stage=dict(
        context_pass=dict(
            type='ContextPass',
            channels=256,
            pooled_channels=512,
            # Four blocks of 1.18 M on each of three levels.
            attention=dict(num_blocks=4, attention='cbam'),
        ),
        instance_pooler=dict(type='InstancePooler'),
        heads=dict(
            depth=dict(type='DepthHead', hidden_channels=256),
            contrast_sensitivity=dict(type='ContrastSensitivityHead'),
            glare=dict(type='GlareHead'),
            lighting=dict(type='LightingHead'),
            roi_priority=dict(type='RoiPriorityHead'),
            navigation_difficulty=dict(type='NavigationDifficultyHead'),
            findability=dict(type='FindabilityHead'),
            free_path=dict(type='FreePathHead', place_channels=256),
            head_obstacle=dict(type='HeadObstacleHead', place_channels=256),
        ),
    ),
)

# Read off last, when geometry and colours are those that the network sees: one step,
# whose list each tier extends.
derived_labels = [
    'lighting_label',
    'contrast_map',
    'roi_priorities',
    'navigation_difficulty',
    'free_path',
    'head_obstacle',
]
train_pipeline = _base_.train_pipeline[:-1] + [
    dict(type='LoadTaskMaps'),
    dict(type='DeriveTaskLabels', labels=derived_labels),
    dict(type='PackTaskInputs'),
]
test_pipeline = _base_.test_pipeline[:-1] + [
    dict(type='LoadTaskMaps'),
    dict(type='DeriveTaskLabels', labels=derived_labels),
    dict(type='PackTaskInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = [*_base_.val_evaluator, dict(type='TaskMetric')]
test_evaluator = val_evaluator
