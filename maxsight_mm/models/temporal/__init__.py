from .conv_lstm import ConvLSTM
from .flow_matching import expected_shift, local_correlation, warp
from .motion_features import flow_direction, flow_magnitude
from .temporal_encoder import TemporalEncoder, TemporalState
from .timesformer import AttentionMemory, TimeSformer

__all__ = [
    'AttentionMemory',
    'ConvLSTM',
    'TemporalEncoder',
    'TemporalState',
    'TimeSformer',
    'expected_shift',
    'flow_direction',
    'flow_magnitude',
    'local_correlation',
    'warp',
]
