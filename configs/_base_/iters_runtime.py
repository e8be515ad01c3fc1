"""The default runtime for trainings of MMDetection's models counted in iterations."""

_base_ = ['./default_runtime.py']

# Without the hooks for the parts of a MaxSightDetector, and without the one that
# averages buffers over ranks: memories of scores are no weights.
default_hooks = dict(
    _delete_=True,
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='CheckpointHook',
        by_epoch=False,
        interval=2500,
        max_keep_ckpts=2,
        save_best='det/mAP',
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='DetVisualizationHook'),
    checkpoint_guard=dict(type='CheckpointGuardHook'),
)
log_processor = dict(by_epoch=False)
