"""A training of one weight whose losses, scores and metrics a test dictates."""

import logging

import torch
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from maxsight_mm.models.task_modules.pseudo_labels import FixedScoreThresholds

CLASSES = ('Severe_Rust', 'Broken')


class ToyTeacher(BaseModel):
    """Has a governor; ``losses(step)`` and ``scores(step)`` are set by the test."""

    def __init__(self, losses, scores):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.governor = FixedScoreThresholds(2, 0.5, capacity=8)
        self.burning_in = False
        self.losses, self.scores = losses, scores
        self.register_buffer('step', torch.zeros((), dtype=torch.long))

    def forward(self, inputs, data_samples=None, mode='tensor'):
        if mode != 'loss':
            return [None]
        self.step += 1
        step = int(self.step)
        scores, labels = (torch.tensor(each) for each in self.scores(step))
        self.governor.observe(scores, labels.long())
        self.governor.keep(scores, labels.long())
        return {'loss': self.weight * 0 + self.losses(step)}


class Pictures(BaseDataset):
    """Three boxes of the first class, one of the second."""

    METAINFO = dict(classes=CLASSES)

    def load_data_list(self):
        labels = [[0, 0], [0, 1]]
        return [
            dict(inputs=0.0, instances=[dict(bbox_label=label) for label in each])
            for each in labels
        ]

    def __getitem__(self, index):
        return dict(inputs=torch.zeros(()))


class ToldMetric(BaseMetric):
    """Returns what ``told`` says for the iteration of the validation."""

    def __init__(self, told, model):
        super().__init__()
        self.told, self.model = told, model

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        return self.told(int(self.model.step))


def train(
    work_dir,
    hooks,
    losses=lambda step: 1.0,
    scores=lambda step: ([0.9, 0.2], [0, 1]),
    told=lambda step: {},
    iters=20,
    every=10,
    resume=False,
    **more,
) -> Runner:
    """Trains ``iters`` iterations; saves and validates every ``every``."""
    model = ToyTeacher(losses, scores)
    loader = dict(
        batch_size=1,
        num_workers=0,
        dataset=Pictures(),
        sampler=dict(type='InfiniteSampler', shuffle=False),
    )
    runner = Runner(
        model=model,
        work_dir=str(work_dir),
        train_dataloader=loader,
        val_dataloader=loader
        | dict(sampler=dict(type='DefaultSampler', shuffle=False)),
        train_cfg=dict(type='IterBasedTrainLoop', max_iters=iters, val_interval=every),
        val_cfg=dict(),
        val_evaluator=[ToldMetric(told, model)],
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        param_scheduler=dict(type='LinearLR', start_factor=0.5, by_epoch=False, end=99),
        default_hooks=dict(
            checkpoint=dict(type='CheckpointHook', by_epoch=False, interval=every)
        ),
        custom_hooks=hooks,
        log_processor=dict(by_epoch=False),
        resume=resume,
        default_scope='maxsight_mm',
        experiment_name=f'toy_{work_dir.name}_{iters}_{resume}_{id(model)}',
        **more,
    )
    runner.listener = _Listener()
    runner.logger.addHandler(runner.listener)
    runner.train()
    return runner


class _Listener(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


def warnings(runner: Runner) -> list[str]:
    """Warnings in a run, without those of mmengine about itself."""
    own = ('FileClient', 'HardDiskBackend', 'The prefix is not', 'is an empty dict')
    said = runner.listener.said
    return [line for line in said if not any(name in line for name in own)]
