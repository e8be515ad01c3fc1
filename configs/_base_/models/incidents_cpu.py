"""What makes a classifier of incidents small enough for CPU minutes at 64 pixels."""

cpu_model = dict(
    backbone=dict(base_channels=16, norm_eval=False, frozen_stages=-1, init_cfg=None),
    feature_channels=128,
)
cpu_schedule = dict(max_epochs=12, val_interval=1)
cpu_optim = dict(optimizer=dict(lr=2e-3))
cpu_hooks = dict(checkpoint=dict(interval=12))
