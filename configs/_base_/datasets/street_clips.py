"""Clips of the street world with maps and sound: all that the context heads learn.

``python tools/dataset_tools/make_synthetic.py street data/street_clips --clips 8
--maps --audio``

A world is walked through for 8 frames, one second. A sample is a frame with the frames
before it, its depth, the flow that leads to it, and the second of sound around
it. ``street_pairs.py`` beside this gives two frames instead of eight.
"""

dataset_type = 'MaxSightCocoDataset'
data_root = 'data/street_clips/'
clip_length = 8
# A multiple of 32 each way, so that nothing is padded.
image_size = (256, 192)
# In the drawn 320 x 240: 32 px at the network's input, what COCO calls small.
ignore_below_px = 40
classes = (
    'person',
    'bicycle',
    'car',
    'motorcycle',
    'bus',
    'truck',
    'traffic light',
    'fire hydrant',
    'stop sign',
    'bench',
    'dog',
    'street sign',
    'door',
    'stairs up',
    'stairs down',
    'kerb',
    'bollard',
    'pole',
    'crosswalk',
    'open manhole',
    'low branch',
    'scaffold',
    'wet floor sign',
    'trash bin',
)
# Labels that follow from the others, of datasets/derived_labels.
derived_labels = [
    'lighting_label',
    'contrast_map',
    'roi_priorities',
    'navigation_difficulty',
    'free_path',
    'head_obstacle',
    'fatigue',
    'focus_depth_m',
    'scene_contrast',
    'caption_ids',
    'text_regions',
    'text_quads',
    'text_ids',
    'relation_labels',
    'sound_events',
    'sound_azimuth_deg',
    'haptic_pattern',
    'concepts',
    'scene_descriptor',
    'user',
    'alerts',
    'danger_alerts',
    'hazard_within',
    'time_to_hazard_s',
]
modalities = ('img', 'clip', 'audio')

train_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='TaskRandomFlip', prob=0.5),
    dict(type='Resize', scale=image_size, keep_ratio=True),
    dict(type='LoadClip'),
    dict(type='LoadTaskMaps'),
    dict(type='LoadAudio', sample_rate_hz=16_000, duration_s=1.0),
    dict(type='DeriveTaskLabels', labels=derived_labels),
    dict(type='PackTaskInputs', modalities=modalities),
]
test_pipeline = [step for step in train_pipeline if step['type'] != 'TaskRandomFlip']
train_dataloader = dict(
    batch_size=8,
    # On two cores a loader process takes more from the training than it gives.
    num_workers=0,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        metainfo=dict(classes=classes),
        ann_file='annotations/train.json',
        ignore_below_px=ignore_below_px,
        clip_length=clip_length,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        metainfo=dict(classes=classes),
        ann_file='annotations/val.json',
        ignore_below_px=ignore_below_px,
        clip_length=clip_length,
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type='DetectionMetric'),
    dict(type='SafetyMetric'),
    dict(type='CalibrationMetric'),
    dict(type='TaskMetric'),
]
test_evaluator = val_evaluator
