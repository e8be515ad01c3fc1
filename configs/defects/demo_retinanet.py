"""ours_retinanet.py in CPU minutes: a small ResNet-18 at 160 pixels.

Command: python tools/train.py configs/defects/demo_retinanet.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./ours_retinanet.py', '../_base_/models/defects_cpu.py']

small = _base_.cpu_detector
model = dict(
    detector=dict(
        backbone=small.backbone,
        neck=small.neck,
        bbox_head=dict(
            in_channels=32,
            feat_channels=32,
            stacked_convs=2,
            anchor_generator=dict(
                aspects_wh=[0.33, 0.48, 0.71, 1.17, 2.0],
                scales=[3.36],
                strides=[4, 8, 16, 32],
            ),
        ),
        test_cfg=dict(nms_pre=100, max_per_img=50),
    ),
    cross_view=dict(roi_extractor=small.roi_head.bbox_roi_extractor, embed_dims=32),
)
train_dataloader = _base_.cpu_batch
train_cfg = _base_.cpu_iters
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
custom_hooks = [
    dict(type='BurnInMeanTeacherHook', burn_in_iters=1200),
    *_base_.watch,
]
