"""The safety pass with its heads: the whole of T0 and the first stage of T1-T5."""

model = dict(
    type='MaxSightDetector',
    data_preprocessor=dict(
        type='DetDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_size_divisor=32,
    ),
    safety_pass=dict(
        type='SafetyPass', depth=50, channels=256, level_set='pyramid', tower_depth=2
    ),
    # Heads take their channels from the pass.
    safety_heads=dict(
        objectness=dict(type='ObjectnessHead', loss_weight=1.0),
        classification=dict(type='ClassificationHead', num_classes=91, loss_weight=1.2),
        box=dict(type='BoxHead', loss_weight=3.0),
        distance=dict(type='DistanceHead', loss_weight=0.7),
        urgency=dict(type='UrgencyHead', loss_weight=1.5),
        object_urgency=dict(type='ObjectUrgencyHead', loss_weight=0.7),
        uncertainty=dict(type='UncertaintyHead', loss_weight=0.5),
    ),
    train_cfg=dict(assigner=dict(type='ATSSAssigner', topk=9)),
    test_cfg=dict(score_thr=0.05, nms_pre=1000, iou_threshold=0.5, max_per_img=100),
)
