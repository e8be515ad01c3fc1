"""T5 on the street world in CPU minutes: every head, clips of eight frames, sound.

Adds to street_t2 what T3, T4 and T5 add, at a tenth of the width.
Data: as for street_t2.
Command: python tools/train.py configs/demo/street_t5.py
Hardware: 2 CPU cores. Result: see docs/results.md.
"""

_base_ = './street_t2.py'

clip_length = 8
model = dict(
    context_stage=dict(
        audio_features=dict(type='AudioFeatures'),
        context_pass=dict(
            cross_task=dict(
                tasks=('lighting', 'navigation_difficulty', 'concept', 'haptic'),
                num_layers=1,
                num_heads=4,
            ),
            audio=dict(type='AudioEncoder', token_channels=64, num_layers=1),
            audio_fusion=dict(type='AudioVisualFusion', num_heads=4),
            temporal=dict(
                type='TemporalEncoder',
                num_layers=2,
                hidden_channels=48,
                embed_dims=96,
                num_heads=4,
                window=clip_length,
            ),
        ),
        heads=dict(
            text_detection=dict(type='TextDetectionHead', hidden_channels=32),
            text_recognition=dict(
                type='TextRecognitionHead',
                channels=16,
                hidden_channels=96,
                num_layers=1,
            ),
            scene_description=dict(
                type='SceneDescriptionHead',
                channels=128,
                instance_channels=48,
                num_layers=2,
                num_heads=4,
                dropout=0.0,
            ),
            semantic_relation=dict(
                type='SemanticRelationHead',
                hidden_channels=96,
                edge_channels=32,
                num_layers=2,
                num_heads=4,
            ),
            sound_event=dict(type='SoundEventHead'),
            sound_direction=dict(type='SoundDirectionHead'),
            haptic=dict(type='HapticHead'),
            concept=dict(type='ConceptHead'),
            retrieval=dict(type='RetrievalHead'),
            personalisation=dict(type='PersonalisationHead'),
            predictive_alert=dict(type='PredictiveAlertHead'),
            time_to_hazard=dict(type='TimeToHazardHead'),
        ),
    ),
)
train_dataloader = dict(dataset=dict(clip_length=clip_length))
val_dataloader = dict(dataset=dict(clip_length=clip_length))
test_dataloader = val_dataloader
work_dir = 'work_dirs/street_t5'
