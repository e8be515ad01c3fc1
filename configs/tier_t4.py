"""Tier T4: sound, attention between sound and sight, retrieval, personal alerts.

Sound is stereo at 16 kHz; where it is missing it is masked, and a tenth of the
training is done without it.
Command: python tools/train.py configs/tier_t4.py --amp
Hardware: one GPU with 48 GB.
Result: not measured.
"""

_base_ = './tier_t3.py'

optim_wrapper = dict(optimizer=dict(lr=8.0e-5))
model = dict(
    context_stage=dict(
        audio_features=dict(type='AudioFeatures'),
        context_pass=dict(
            audio=dict(type='AudioEncoder', modality_dropout=0.1),
            audio_fusion=dict(type='AudioVisualFusion'),
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

sound_labels = [
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
train_pipeline = [
    dict(step, swap_ears=True) if step['type'] == 'TaskRandomFlip' else step
    for step in _base_.train_pipeline[:-1]
] + [
    dict(type='LoadAudio'),
    # What the condition head learns from; the clip keeps its clear frames.
    dict(type='SimulateCondition', prob=0.2),
    dict(type='DeriveTaskLabels', labels=sound_labels),
    dict(type='PackTaskInputs', modalities=modalities),
]
test_pipeline = _base_.test_pipeline[:-1] + [
    dict(type='LoadAudio'),
    dict(type='DeriveTaskLabels', labels=sound_labels),
    dict(type='PackTaskInputs', modalities=modalities),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
