"""What makes a defect detector small enough for CPU minutes at 160 pixels.

``cpu_detector`` goes over a supervised model in configs/defects, ``cpu_teacher`` over a
semi-supervised one; ``cpu_batch``, ``cpu_iters`` and ``cpu_hooks`` go with them.
"""

cpu_detector = dict(
    backbone=dict(
        depth=18,
        base_channels=32,
        frozen_stages=-1,
        norm_eval=False,
        init_cfg=None,
    ),
    neck=dict(
        in_channels=[32, 64, 128, 256],
        out_channels=64,
        num_outs=4,
        norm_cfg=dict(type='BN'),
    ),
    rpn_head=dict(
        in_channels=64,
        feat_channels=64,
        # Defects are 12-60 pixels long.
        anchor_generator=dict(scales=[4], strides=[4, 8, 16, 32]),
    ),
    roi_head=dict(
        bbox_roi_extractor=dict(
            out_channels=64, roi_layer=dict(output_size=5, sampling_ratio=1)
        ),
        bbox_head=dict(in_channels=64, roi_feat_size=5, fc_out_channels=256),
    ),
    train_cfg=dict(
        rpn_proposal=dict(nms_pre=400, max_per_img=100),
        rcnn=dict(sampler=dict(num=64)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=400, max_per_img=100), rcnn=dict(max_per_img=50)),
)
cpu_teacher = dict(
    detector=cpu_detector,
    cross_view=dict(
        roi_extractor=cpu_detector['roi_head']['bbox_roi_extractor'], embed_dims=64
    ),
)
cpu_batch = dict(batch_size=8, sampler=dict(batch_size=8, views_per_part=2))
cpu_iters = dict(max_iters=2000, val_interval=1000)
cpu_hooks = dict(checkpoint=dict(interval=1000, max_keep_ckpts=1))
