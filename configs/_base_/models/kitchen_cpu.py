"""What makes configs/kitchen small enough for CPU minutes at 160 pixels.

``cpu_model`` goes over the model; ``cpu_resized``, ``cpu_batch``, ``cpu_iters``,
``cpu_optim`` and ``cpu_hooks`` go with it.
"""

cpu_model = dict(
    backbone=dict(
        depth=18,
        base_channels=16,
        frozen_stages=-1,
        norm_eval=False,
        init_cfg=None,
    ),
    # Hands are 30 to 130 pixels long: two levels are enough.
    neck=dict(
        in_channels=[16, 32, 64, 128],
        out_channels=48,
        start_level=2,
        num_outs=2,
        norm_cfg=dict(type='BN'),
    ),
    bbox_head=dict(
        in_channels=48,
        feat_channels=48,
        stacked_convs=2,
        strides=[16, 32],
        regress_ranges=((-1, 48), (48, 1e8)),
        norm_cfg=dict(type='BN', requires_grad=True),
        # Boxes are what a few minutes leave unlearnt.
        loss_bbox=dict(loss_weight=2.0),
    ),
    test_cfg=dict(nms_pre=100, score_thr=0.02, max_per_img=20),
)
cpu_resized = dict(type='Resize', scale=(160, 160), keep_ratio=True)
# On one core a loader process takes more from the training than it gives.
# Of 16 pictures of the natural mix 4 show hands; of 8, one batch in nine would show
# none.
cpu_batch = dict(batch_size=16, num_workers=0, persistent_workers=False)
cpu_iters = dict(max_iters=2000, val_interval=2000)
# From random weights in few iterations.
cpu_optim = dict(optimizer=dict(lr=2e-3))
# The last weights are kept: the validation chooses nothing.
cpu_hooks = dict(checkpoint=dict(interval=2000, max_keep_ckpts=1, save_best=None))
