"""Find and read the words of the street world, in pictures that are large enough.

Differs from real_text: drawn 640 x 480 pictures, which are judged at their own size,
in worlds that were never trained on. At the 256 x 192 of street_t5 half of the words
are under 10 px high and cannot be read; here half of them are over 14 px.
Data: python tools/dataset_tools/make_synthetic.py street data/street_text \
    --train 2400 --val 320 --size 640x480
Command: python tools/train.py configs/demo/street_text.py
Hardware: 1 CPU core, 13 minutes. Result: see docs/results.md.
"""

_base_ = './real_text.py'

change = [
    # With the resize: crops of 192 x 144 at 0.7 to 1.2 of the size of the file.
    dict(type='RandomZoom', factor=(2.3, 4.0), prob=1.0, focus=0.6),
    dict(type='Resize', scale=(192, 144), keep_ratio=False),
    dict(type='PhotoMetricDistortion'),
]
dataset = dict(
    data_root='data/street_text/',
    if_missing='make it with `python tools/dataset_tools/make_synthetic.py street '
    'data/street_text --train 2400 --val 320 --size 640x480`',
    # The objects with words on them, so that the crops show some.
    metainfo=dict(classes=('stop sign', 'street sign', 'bus')),
    extra_categories='ignore',
)
train_dataloader = dict(
    batch_size=14,
    dataset=dict(pipeline=[*_base_.load, *change, *_base_.pack], **dataset),
)
val_dataloader = dict(dataset=dict(pipeline=[*_base_.load, *_base_.pack], **dataset))
test_dataloader = val_dataloader
model = dict(safety_heads=dict(classification=dict(num_classes=3)))
train_cfg = dict(max_epochs=6, val_interval=6)
