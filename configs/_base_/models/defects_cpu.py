"""What makes a defect detector small enough for CPU minutes at 160 pixels.

``cpu_detector`` goes over a supervised model in configs/defects, ``cpu_teacher`` over a
semi-supervised one; ``cpu_batch``, ``cpu_iters``, ``cpu_optim`` and ``cpu_hooks`` go
with them.
"""

cpu_detector = dict(
    backbone=dict(
        depth=18,
        base_channels=16,
        frozen_stages=-1,
        norm_eval=False,
        init_cfg=None,
    ),
    neck=dict(
        in_channels=[16, 32, 64, 128],
        out_channels=32,
        num_outs=4,
        norm_cfg=dict(type='BN'),
    ),
    rpn_head=dict(
        in_channels=32,
        feat_channels=32,
        # Defects are 12-60 pixels long.
        anchor_generator=dict(scales=[4], strides=[4, 8, 16, 32]),
    ),
    roi_head=dict(
        bbox_roi_extractor=dict(
            out_channels=32, roi_layer=dict(output_size=5, sampling_ratio=1)
        ),
        bbox_head=dict(in_channels=32, roi_feat_size=5, fc_out_channels=128),
    ),
    train_cfg=dict(
        rpn_proposal=dict(nms_pre=100, max_per_img=50),
        rcnn=dict(sampler=dict(num=32)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=100, max_per_img=50), rcnn=dict(max_per_img=50)),
)
cpu_teacher = dict(
    detector=cpu_detector,
    cross_view=dict(
        roi_extractor=cpu_detector['roi_head']['bbox_roi_extractor'], embed_dims=32
    ),
    semi_train_cfg=dict(jitter_times=4),
)
cpu_batch = dict(batch_size=8, sampler=dict(batch_size=8, views_per_part=2))
cpu_iters = dict(max_iters=2400, val_interval=1200)
# From random weights in few iterations.
cpu_optim = dict(optimizer=dict(lr=4e-3))
cpu_hooks = dict(checkpoint=dict(interval=1200, max_keep_ckpts=1))
