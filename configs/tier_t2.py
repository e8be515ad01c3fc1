"""Tier T2, the baseline: a hybrid CNN-ViT context pass, motion, therapy state.

Adds to T1 the hybrid on the raw images, 155.2 M: ResNet-50 23.5, FPN 3.3, ViT-B/16
85.8, links 3.3, dynamic convolutions 37.9, projections and fusion 1.3. Motion
needs the frame before: clips of two.
Command: python tools/train.py configs/tier_t2.py --amp
Hardware: one GPU with 40 GB. 8 images a step, gradients of two steps together.
Result: not measured.
"""

_base_ = './tier_t1.py'

clip_length = 2
optim_wrapper = dict(optimizer=dict(lr=8.0e-5), accumulative_counts=2)
model = dict(
    context_stage=dict(
        context_pass=dict(
            hybrid=dict(
                depth=50,
                vit=dict(embed_dims=768, depth=12, num_heads=12, drop_path_rate=0.1),
                link_blocks=(0, 3, 6, 9),
                dynamic_blocks=2,
                dynamic_kernels=8,
                fusion=dict(type='WeightedFusion'),
            ),
        ),
        heads=dict(
            motion=dict(type='MotionHead'),
            therapy_state=dict(type='TherapyStateHead'),
        ),
    ),
)

derived_labels = _base_.derived_labels + ['fatigue', 'focus_depth_m', 'scene_contrast']
modalities = ('img', 'clip')
# Colours change after the clip is loaded: its frames have to look alike.
train_pipeline = [
    step
    for step in _base_.train_pipeline[:-2]
    if step['type'] != 'PhotoMetricDistortion'
] + [
    dict(type='LoadClip'),
    dict(type='ChangeColours', transform=dict(type='PhotoMetricDistortion')),
    dict(type='DeriveTaskLabels', labels=derived_labels),
    dict(type='PackTaskInputs', modalities=modalities),
]
test_pipeline = _base_.test_pipeline[:-2] + [
    dict(type='LoadClip'),
    dict(type='DeriveTaskLabels', labels=derived_labels),
    dict(type='PackTaskInputs', modalities=modalities),
]
train_dataloader = dict(
    batch_size=8, dataset=dict(clip_length=clip_length, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=8, dataset=dict(clip_length=clip_length, pipeline=test_pipeline)
)
test_dataloader = val_dataloader
