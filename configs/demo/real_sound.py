"""ESC-10: which of ten sounds is heard in a second, on recordings never trained on.

Differs from tier_t4: sound alone, without a picture; ten classes of its own; an
encoder of a tenth of the width; every second is changed at random.
Data: python tools/dataset_tools/convert.py esc10 SOURCE data/converted/esc10
Command: python tools/train.py configs/demo/real_sound.py
Hardware: 1 CPU core, minutes. Result: see docs/real_data.md.
"""

_base_ = [
    '../_base_/models/small_context.py',
    '../_base_/datasets/converted.py',
    '../_base_/schedules/adamw_short.py',
]

sound_labels = (
    'dog bark',
    'rain',
    'sea waves',
    'baby cry',
    'clock tick',
    'person sneeze',
    'helicopter',
    'chainsaw',
    'rooster',
    'fire crackling',
)
load = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    # The picture is grey: no larger than the network needs.
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='LoadAudio', sample_rate_hz=16_000, duration_s=1.0),
]
pack = [
    dict(type='DeriveTaskLabels', labels=['sound_events']),
    dict(type='PackTaskInputs', modalities=('img', 'audio')),
]
change = [
    dict(type='AudioPitchShift'),
    dict(type='AudioTimeShift', max_shift_s=0.3),
    dict(type='AudioNoise'),
    dict(type='AudioGain', gain_db=(-12.0, 6.0)),
]
dataset = dict(
    data_root='{{$MAXSIGHT_DATA:data}}/converted/esc10/',
    if_missing='make it with `python tools/dataset_tools/convert.py esc10 SOURCE '
    'data/converted/esc10`, or set MAXSIGHT_DATA to the folder that holds converted/',
    metainfo=dict(sound_labels=sound_labels),
)
train_dataloader = dict(
    batch_size=16, dataset=dict(pipeline=[*load, *change, *pack], **dataset)
)
val_dataloader = dict(dataset=dict(pipeline=[*load, *pack], **dataset))
test_dataloader = val_dataloader
model = dict(
    context_stage=dict(
        audio_features=dict(
            type='AudioFeatures',
            time_mask=dict(max_width=20, count=2),
            frequency_mask=dict(max_width=10, count=2),
        ),
        context_pass=dict(
            audio=dict(
                type='AudioEncoder',
                token_channels=64,
                num_layers=1,
                num_heads=4,
                # A sample without its sound has nothing else to learn from.
                modality_dropout=0.0,
            ),
            audio_fusion=dict(type='AudioVisualFusion', num_heads=4),
        ),
        heads=dict(sound_event=dict(type='SoundEventHead', num_classes=10)),
    ),
)
train_cfg = dict(max_epochs=60, val_interval=60)
