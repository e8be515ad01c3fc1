"""The default runtime for trainings of MMDetection's models counted in iterations."""

_base_ = ['./default_runtime.py']

default_hooks = dict(
    logger=dict(interval=50),
    checkpoint=dict(by_epoch=False, interval=2500),
    visualization=dict(_delete_=True, type='DetVisualizationHook'),
    # These look after the parts of a MaxSightDetector.
    separate_clip=None,
    label_check=None,
    # It would average memories of scores as if they were weights.
    sync_buffers=None,
)
log_processor = dict(by_epoch=False)
