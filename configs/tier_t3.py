"""Tier T3: written words, descriptions, relations, attention across tasks.

Command: python tools/train.py configs/tier_t3.py --amp
Hardware: one GPU with 40 GB.
Result: not measured.
"""

_base_ = './tier_t2.py'

optim_wrapper = dict(optimizer=dict(lr=9.0e-5))
# The tasks that answer once an image: these heads read a token of their own.
cross_tasks = [
    'glare',
    'lighting',
    'navigation_difficulty',
    'free_path',
    'head_obstacle',
    'therapy_state',
]
model = dict(
    context_stage=dict(
        context_pass=dict(
            cross_task=dict(tasks=cross_tasks),
        ),
        heads=dict(
            text_detection=dict(type='TextDetectionHead'),
            text_recognition=dict(type='TextRecognitionHead'),
            scene_description=dict(type='SceneDescriptionHead', instance_channels=256),
            semantic_relation=dict(type='SemanticRelationHead'),
        ),
    ),
)

derived_labels = _base_.derived_labels + [
    'caption_ids',
    'text_regions',
    'text_quads',
    'text_ids',
    'relation_labels',
]
train_pipeline = _base_.train_pipeline[:-2] + [
    dict(type='DeriveTaskLabels', labels=derived_labels),
    _base_.train_pipeline[-1],
]
test_pipeline = _base_.test_pipeline[:-2] + [
    dict(type='DeriveTaskLabels', labels=derived_labels),
    _base_.test_pipeline[-1],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
