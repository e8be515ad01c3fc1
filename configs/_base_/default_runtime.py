"""What every experiment shares: hooks, logging, environment."""

default_scope = 'maxsight_mm'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='CheckpointHook', interval=1, max_keep_ckpts=2, save_best='det/mAP'
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='SafetyVisualizationHook'),
    # Where there is a context stage, its gradients may not shrink a safety step.
    separate_clip=dict(type='SeparateClipHook'),
    # Ranks keep their own batch norm statistics; validate and save their mean.
    sync_buffers=dict(type='SyncBuffersHook'),
    label_check=dict(type='LabelCheckHook'),
    checkpoint_guard=dict(type='CheckpointGuardHook'),
)

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)

visualizer = dict(
    type='Visualizer', name='visualizer', vis_backends=[dict(type='LocalVisBackend')]
)
log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True)
log_level = 'INFO'
load_from = None
resume = False
randomness = dict(seed=0)
