"""Depth, flow and occlusion against the pictures and against plain projection."""

import cv2
import numpy as np
import pytest

from maxsight_mm.synthetic.street import StreetWorld
from maxsight_mm.taxonomy import zone_of_distance

SEEDS = (20, 22, 26, 27, 30, 33)


@pytest.fixture(scope='module')
def world():
    return StreetWorld()


@pytest.fixture(scope='module')
def pairs(world):
    return [world.clip(seed, 2) for seed in SEEDS]


def grid(frame):
    y, x = np.mgrid[: frame.depth.shape[0], : frame.depth.shape[1]]
    return x.astype(np.float32), y.astype(np.float32)


def camera_points(frame):
    """(H, W, 3) points in camera coordinates, from depth alone."""
    x, y = grid(frame)
    height, width = frame.depth.shape
    z = frame.depth.astype(float)
    across = (x - (width - 1) / 2) / frame.focal_px * z
    down = (y - (height - 1) / 2) / frame.focal_px * z
    return np.stack([across, down, z], axis=-1)


def test_flow_warps_the_next_frame_onto_this_one(pairs):
    """Noise of sigma 2.2 in both frames leaves a median of about 2 grey levels."""
    for now, then in pairs:
        x, y = grid(now)
        warped = cv2.remap(
            then.image, x + now.flow[..., 0], y + now.flow[..., 1], cv2.INTER_LINEAR
        )
        seen = ~now.occlusion
        error = np.abs(warped.astype(int) - now.image).mean(2)[seen]
        unmoved = np.abs(then.image.astype(int) - now.image).mean(2)[seen]
        assert np.median(error) < 3.5
        assert np.percentile(error, 90) < 10
        assert error.mean() < 0.5 * unmoved.mean()


def test_flow_follows_things_that_move_by_themselves(world):
    checked = 0
    for seed in range(60, 90):
        now, then = world.clip(seed, 2)
        # Lamps, fog and the sun's glare do not move with what they light.
        if now.lighting in ('night', 'fog') or now.glare > 0.15:
            continue
        x, y = grid(now)
        warped = cv2.remap(
            then.image, x + now.flow[..., 0], y + now.flow[..., 1], cv2.INTER_LINEAR
        )
        for i in np.flatnonzero(now.moving):
            mask = (now.instance_map == i + 1) & ~now.occlusion
            if mask.sum() < 300:
                continue
            error = np.abs(warped.astype(int) - now.image).mean(2)[mask]
            unmoved = np.abs(then.image.astype(int) - now.image).mean(2)[mask]
            assert np.median(error) < 5, (seed, now.names[i])
            assert error.mean() < 0.75 * unmoved.mean(), (seed, now.names[i])
            checked += 1
    assert checked >= 5


def test_flow_of_the_standing_world_is_its_reprojection(pairs):
    for now, then in pairs:
        x, y = grid(now)
        move = np.linalg.inv(then.camera_to_world) @ now.camera_to_world
        points = camera_points(now) @ move[:3, :3].T + move[:3, 3]
        height, width = now.depth.shape
        ahead = points[..., 2] > 0.2
        z = np.where(ahead, points[..., 2], 1)
        expected = np.stack(
            [
                now.focal_px * points[..., 0] / z + (width - 1) / 2 - x,
                now.focal_px * points[..., 1] / z + (height - 1) / 2 - y,
            ],
            axis=-1,
        )
        standing = (now.instance_map == 0) & ~now.occlusion & ahead
        standing &= now.depth < 99
        error = np.linalg.norm(expected - now.flow, axis=-1)[standing]
        assert np.percentile(error, 98) < 0.01
        landed = cv2.remap(
            then.depth, x + now.flow[..., 0], y + now.flow[..., 1], cv2.INTER_NEAREST
        )
        change = (np.abs(landed - points[..., 2]) / z)[standing]
        assert np.percentile(change, 95) < 0.03


def test_occlusion_holds_what_leaves_the_image(pairs):
    for now, _ in pairs:
        x, y = grid(now)
        height, width = now.depth.shape
        to_x, to_y = x + now.flow[..., 0], y + now.flow[..., 1]
        out = (to_x < -0.5) | (to_x > width - 0.5) | (to_y < -0.5)
        out |= to_y > height - 0.5
        assert now.occlusion[out].all()
        assert out.mean() < now.occlusion.mean() < 0.35


def test_the_sky_is_far_and_the_ground_lies_below_the_camera(pairs):
    for now, _ in pairs:
        points = camera_points(now)
        world = points @ now.camera_to_world[:3, :3].T + now.camera_to_world[:3, 3]
        bottom = world[-1, :, 1][now.instance_map[-1] == 0]
        assert np.median(np.abs(bottom)) < 0.13


def test_boxes_are_tight_around_the_masks(pairs):
    for now, _ in pairs:
        for i, (x0, y0, x1, y1) in enumerate(now.boxes.astype(int)):
            rows, columns = np.nonzero(now.instance_map == i + 1)
            assert len(rows) >= 40
            assert (x0, y0) == (columns.min(), rows.min())
            assert (x1, y1) == (columns.max() + 1, rows.max() + 1)
        assert now.instance_map.max() == len(now.names)


def test_distances_are_those_of_the_depth_map_and_give_the_zones(pairs):
    for now, _ in pairs:
        world = camera_points(now) @ now.camera_to_world[:3, :3].T
        ground = np.hypot(world[..., 0], world[..., 2])
        for i in range(len(now.names)):
            nearest = ground[now.instance_map == i + 1].min()
            assert now.distances_m[i] == pytest.approx(nearest, rel=1e-3, abs=1e-2)
            assert now.zones[i] == zone_of_distance(float(now.distances_m[i]))
        assert (np.diff(now.distances_m) >= 0).all()


def test_time_to_contact_of_a_standing_thing_is_its_distance_over_the_speed(world):
    """Looming: z / (z - z') x frame time, from the depth of two frames alone."""
    checked = 0
    for seed in SEEDS:
        now, then = world.clip(seed, 2)
        for i, name in enumerate(now.names):
            same = np.flatnonzero(then.track_ids == now.track_ids[i])
            flat_card = name in ('bollard', 'trash bin', 'fire hydrant', 'bench')
            if not flat_card or not len(same) or now.moving[i]:
                continue
            walked = then.camera_to_world[2, 3] - now.camera_to_world[2, 3]
            points = camera_points(now)[now.instance_map == i + 1]
            ahead = points @ now.camera_to_world[2, :3]
            expected = ahead.min() / (walked * world.config.fps)
            assert now.time_to_contact_s[i] == pytest.approx(expected, rel=0.02)
            checked += 1
    assert checked >= 5


def test_tracks_keep_their_class_through_a_clip(world):
    frames = world.clip(31, 5)
    names = {}
    for frame in frames:
        assert len(set(frame.track_ids.tolist())) == len(frame.names)
        for track, name in zip(frame.track_ids.tolist(), frame.names, strict=True):
            assert names.setdefault(track, name) == name
    assert set(frames[0].track_ids) & set(frames[-1].track_ids)
