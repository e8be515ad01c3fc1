"""Straightened crops of rotated quads, by a perspective map and bilinear sampling."""

import torch
import torch.nn.functional as F
from torch import Tensor


def quad_crops(images: Tensor, quads: Tensor, size: tuple[int, int]) -> Tensor:
    """Crop n quads as if each were seen from the front; zero outside the image.

    Args:
        images: (n, 3, H, W) float, the image of each quad, or one for all.
        quads: (n, 4, 2) float corners in pixels, a pixel reaching from its index to
            the next: top left, top right, bottom right, bottom left.
        size: Height and width of the crops.

    Returns:
        (n, 3, *size) of the type of ``images``.
    """
    height, width = size
    u = (torch.arange(width, device=quads.device) + 0.5) / width
    v = (torch.arange(height, device=quads.device) + 0.5) / height
    v, u = torch.meshgrid(v, u, indexing='ij')
    square = torch.stack([u, v, torch.ones_like(u)], -1).reshape(-1, 3)
    # (n, 3, 3) @ (3, P) -> (n, P, 3)
    mapped = (square_to_quad(quads.float()) @ square.T).transpose(1, 2)
    points = mapped[..., :2] / mapped[..., 2:].clamp(min=1e-6)
    extent = points.new_tensor(images.shape[:-3:-1])  # W, H
    grid = (points / extent * 2 - 1).view(-1, height, width, 2).to(images)
    images = images.expand(len(quads), -1, -1, -1)
    return F.grid_sample(images, grid, align_corners=False)


def square_to_quad(quads: Tensor) -> Tensor:
    """(n, 3, 3) maps of the unit square's (u, v, 1) to the quads (Heckbert 1989).

    A quad that is not convex, which no view of a rectangle is, gets the affine map
    of its first, second and fourth corner.

    Args:
        quads: (n, 4, 2) float.
    """
    p0, p1, p2, p3 = quads.unbind(-2)
    right, down, twist = p1 - p2, p3 - p2, p0 - p1 + p2 - p3
    det = _cross(right, down)
    usable = det.abs() > 1e-6
    det = torch.where(usable, det, torch.ones_like(det))
    g, h = _cross(twist, down) / det, _cross(right, twist) / det
    # The denominator must stay positive at all four corners.
    usable &= torch.stack([1 + g, 1 + h, 1 + g + h]).amin(0) > 0.05
    g, h = (torch.where(usable, x, torch.zeros_like(x)) for x in (g, h))
    columns = [
        torch.cat([p1 - p0 + g[:, None] * p1, g[:, None]], -1),
        torch.cat([p3 - p0 + h[:, None] * p3, h[:, None]], -1),
        F.pad(p0, (0, 1), value=1.0),
    ]
    return torch.stack(columns, -1)


def _cross(a: Tensor, b: Tensor) -> Tensor:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
