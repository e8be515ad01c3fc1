"""A context pass small enough for tests; configs name this module to register it."""

from mmengine.model import BaseModule
from torch import nn

from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.registry import MODELS


@MODELS.register_module(force=True)
class ToyContextPass(BaseModule):
    needs_clip = False
    feature_channels = dict(context_pooled=8)

    def __init__(self, safety_channels):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=8)
        self.pyramid_in = nn.Conv2d(safety_channels, 8, 1, bias=False)

    def forward(self, bundle):
        seen = self.pyramid_in(bundle['pyramid'][0]).mean((2, 3))
        bundle['context_pooled'] = self.stem(bundle['images']).mean((2, 3)) + seen


@MODELS.register_module(force=True)
class ToyGlareHead(ContextGlobalHead):
    task = 'glare'
    criticality = 'navigation'
    targets = ('glare',)

    def loss(self, outputs, targets):
        error = outputs['logits'][:, 0].sigmoid() - targets['glare']
        return {'loss_glare': error.abs().mean()}

    def predict(self, outputs):
        return {'scores': outputs['logits'][:, 0].sigmoid()}
