"""What all trainings of image task classifiers share: hooks, logging, environment."""

default_scope = 'maxsight_mm'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=5, max_keep_ckpts=1),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    # Ranks keep their own batch norm statistics; validate and save their mean.
    sync_buffers=dict(type='SyncBuffersHook'),
    checkpoint_guard=dict(type='CheckpointGuardHook'),
    task_check=dict(type='TaskCheckHook'),
    class_weight=dict(type='ClassWeightHook'),
)

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)

visualizer = dict(
    type='Visualizer', name='visualizer', vis_backends=[dict(type='LocalVisBackend')]
)
log_processor = dict(type='LogProcessor', window_size=20, by_epoch=True)
log_level = 'INFO'
load_from = None
resume = False
randomness = dict(seed=0)
