from .attention import CrossAttention, attend
from .audio_visual_fusion import AudioVisualFusion
from .cbam import CBAM
from .condition_film import ConditionFilm
from .cross_attention_fusion import CrossAttentionFusion
from .cross_layer_link import CnnToVitLink, SigmoidScale, VitToCnnLink
from .cross_task_attention import CrossTaskAttention
from .pyramid_attention import PyramidAttention
from .weighted_fusion import WeightedFusion

__all__ = [
    'AudioVisualFusion',
    'CBAM',
    'CnnToVitLink',
    'ConditionFilm',
    'CrossAttention',
    'CrossAttentionFusion',
    'CrossTaskAttention',
    'PyramidAttention',
    'SigmoidScale',
    'VitToCnnLink',
    'WeightedFusion',
    'attend',
]
