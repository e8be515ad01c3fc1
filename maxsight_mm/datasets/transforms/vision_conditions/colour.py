"""Colours that fade, yellow, or fall together.

Deuteranopia is simulated in linear RGB by the matrix of Machado, Oliveira and
Fernandes (IEEE TVCG 15(6), 2009, severity 1.0); lesser severities mix it with the
identity, which is close to their own tables.
"""

import cv2
import numpy as np

_DEUTERANOPIA_RGB = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
_LEVELS = np.arange(256) / 255
_TO_LINEAR = np.where(
    _LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4
).astype(np.float32)


def deuteranopia(image: np.ndarray, severity: float) -> np.ndarray:
    """Red and green fall together."""
    if severity == 0:
        return image
    matrix = (1 - severity) * np.eye(3) + severity * _DEUTERANOPIA_RGB
    # RGB rows and columns -> BGR
    matrix = matrix[::-1, ::-1].astype(np.float32)
    linear = np.clip(_TO_LINEAR[image] @ matrix.T, 0, 1)
    encoded = np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    return np.round(encoded * 255).astype(np.uint8)


def desaturate(image: np.ndarray, severity: float) -> np.ndarray:
    """Towards grey."""
    if severity == 0:
        return image
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.addWeighted(
        image, 1 - severity, cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), severity, 0
    )


def yellow(image: np.ndarray, severity: float) -> np.ndarray:
    """A yellow-brown lens: blue light is lost, some green, little red."""
    if severity == 0:
        return image
    gains = 1 - severity * np.array([0.55, 0.2, 0.08], np.float32)
    return cv2.convertScaleAbs(image * gains)
