"""The labelled views of defects_ssod.py alone, in the same pictures and order."""

_base_ = ['./defects_ssod.py']

train_pipeline = [*_base_.labelled_pipeline[:-1], _base_.pack]
train_dataloader = dict(
    batch_size=4,
    sampler=dict(_delete_=True, type='LinkedViewSampler', batch_size=4),
    dataset=dict(
        _delete_=True,
        **_base_.training_set,
        ann_file='annotations/instances_train_labelled10.json',
        pipeline=train_pipeline,
    ),
)
