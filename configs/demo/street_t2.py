"""T2 on the street world in CPU minutes: navigation, motion and therapy state.

Differs from tier_t2 in all that makes it small: a ResNet-18 safety pass as in
street_t0, a hybrid of a ResNet-18 of a quarter of the width and a ViT of 4 blocks x
128, one attention block a level, and drawn pictures with all their labels.
Data: python tools/dataset_tools/make_synthetic.py street data/street_clips
--train 4000 --val 640 --clips 8 --maps --audio
Command: python tools/train.py configs/demo/street_t2.py
Hardware: 2 CPU cores. Result: see docs/results.md.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/safety_pass.py',
    '../_base_/datasets/street_pairs.py',
    '../_base_/schedules/adamw_short.py',
]

model = dict(
    data_preprocessor=dict(type='TaskDataPreprocessor'),
    safety_pass=dict(depth=18, base_channels=32, channels=64),
    safety_heads=dict(classification=dict(num_classes=24, loss_weight=2.4)),
    context_stage=dict(
        context_pass=dict(
            type='ContextPass',
            channels=48,
            pooled_channels=128,
            attention=dict(num_blocks=1, attention='cbam'),
            hybrid=dict(
                depth=18,
                base_channels=16,
                vit=dict(embed_dims=128, depth=4, num_heads=4),
                link_blocks=(0, 2),
                dynamic_blocks=1,
                dynamic_kernels=4,
            ),
        ),
        instance_pooler=dict(type='InstancePooler'),
        heads=dict(
            depth=dict(type='DepthHead', hidden_channels=48),
            contrast_sensitivity=dict(
                type='ContrastSensitivityHead', hidden_channels=16
            ),
            glare=dict(type='GlareHead'),
            lighting=dict(type='LightingHead'),
            roi_priority=dict(type='RoiPriorityHead'),
            navigation_difficulty=dict(type='NavigationDifficultyHead'),
            findability=dict(type='FindabilityHead'),
            free_path=dict(type='FreePathHead'),
            head_obstacle=dict(type='HeadObstacleHead'),
            motion=dict(type='MotionHead', hidden_channels=32),
            therapy_state=dict(type='TherapyStateHead'),
        ),
    ),
)
train_cfg = dict(max_epochs=2, val_interval=2)
work_dir = 'work_dirs/street_t2'
default_hooks = dict(
    logger=dict(interval=20),
    checkpoint=dict(max_keep_ckpts=1),
    visualization=dict(max_pictures=48),
)
