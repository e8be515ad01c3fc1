"""Tier T4: sound, attention between sound and sight, retrieval, personal alerts.

Sound is stereo at 16 kHz; where it is missing it is masked, and a tenth of the
training is done without it.
Command: python tools/train.py configs/tier_t4.py --amp
Hardware: one GPU with 48 GB.
Result: not measured.
"""

_base_ = './tier_t3.py'

optim_wrapper = dict(optimizer=dict(lr=8.0e-5))
cross_tasks = _base_.cross_tasks + ['haptic', 'concept', 'retrieval', 'condition']
model = dict(
    context_stage=dict(
        audio_features=dict(type='AudioFeatures'),
        context_pass=dict(
            audio=dict(type='AudioEncoder', modality_dropout=0.1),
            audio_fusion=dict(type='AudioVisualFusion'),
            cross_task=dict(tasks=cross_tasks),
        ),
        heads=dict(
            sound_event=dict(type='SoundEventHead'),
            sound_direction=dict(type='SoundDirectionHead'),
            haptic=dict(type='HapticHead'),
            concept=dict(type='ConceptHead'),
            retrieval=dict(type='RetrievalHead'),
            condition=dict(type='ConditionHead'),
            personalisation=dict(type='PersonalisationHead'),
        ),
    ),
)

derived_labels = _base_.derived_labels + [
    'sound_events',
    'sound_azimuth_deg',
    'haptic_pattern',
    'concepts',
    'scene_descriptor',
    'user',
    'alerts',
    'danger_alerts',
]
modalities = ('img', 'clip', 'audio')
train_pipeline = _base_.train_pipeline[:-2] + [
    dict(type='LoadAudio'),
    # What the condition head learns from.
    dict(type='ChangeColours', transform=dict(type='SimulateCondition', prob=0.2)),
    dict(type='DeriveTaskLabels', labels=derived_labels),
    dict(type='PackTaskInputs', modalities=modalities),
]
# Nothing is simulated here, since safety is judged on these pictures: the condition
# head has no label in this test. configs/demo/street_conditions.py judges it.
test_pipeline = _base_.test_pipeline[:-2] + [
    dict(type='LoadAudio'),
    dict(type='DeriveTaskLabels', labels=derived_labels),
    dict(type='PackTaskInputs', modalities=modalities),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
