from .audio_features import AudioFeatures
from .mfcc import MFCC
from .resample import resample
from .spec_augment import FrequencyMask, TimeMask
from .task_data_preprocessor import TaskDataPreprocessor

__all__ = [
    'AudioFeatures',
    'FrequencyMask',
    'MFCC',
    'TaskDataPreprocessor',
    'TimeMask',
    'resample',
]
