"""MediaPipe Face Mesh as trackers.py runs it; arguments, files and answer as in follow.c:
  track_mediapipe.py ATTENTION(0|1) FACES POINTS-FILE frames RAW WIDTH HEIGHT
  track_mediapipe.py ATTENTION(0|1) FACES POINTS-FILE stills LIST
Its models are inside the wheel. Of its 478 points, the 68 that lie nearest to those of 300W. It does
not say who is who: a face's number is its place in the list."""
import json
import os
import resource
import sys
import time

BEGIN = time.perf_counter()
os.environ['GLOG_minloglevel'] = '2'

import cv2  # noqa: E402
import mediapipe  # noqa: E402
import numpy as np  # noqa: E402

# Jaw, brows, nose, eyes, outer and inner lips of 300W, in its order, as points of the mesh.
MESH = [127, 234, 93, 132, 172, 136, 149, 148, 152, 377, 378, 365, 397, 361, 323, 454, 356,
        70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
        168, 197, 5, 4, 75, 97, 2, 326, 305,
        33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
        61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
        78, 82, 13, 312, 308, 317, 14, 87]
assert len(MESH) == 68


def rows(result, width, height, faces):
    out = np.zeros((faces, 1 + 68 * 2), np.float32)
    for i, face in enumerate((result.multi_face_landmarks or [])[:faces]):
        out[i, 0] = i + 1
        for k, m in enumerate(MESH):
            p = face.landmark[m]
            # Of 0..1 over the picture's edges; here pixel centres are at whole numbers.
            out[i, 1 + 2 * k] = p.x * width - 0.5
            out[i, 2 + 2 * k] = p.y * height - 0.5
    return out


def main():
    attention, faces, points, mode, *rest = sys.argv[1:]
    faces = int(faces)
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    still = mode == 'stills'
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=still, max_num_faces=faces,
                                                  refine_landmarks=attention == '1')
    if still:
        with open(rest[0]) as f:
            images = (cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2RGB) for name in f.read().split('\n') if name)
    else:
        width, height = int(rest[1]), int(rest[2])
        images = np.memmap(rest[0], np.uint8, 'r').reshape(-1, height, width, 3)
    ms, cpu, start = [], 0.0, None
    with open(points, 'wb') as out:
        for image in images:
            image = np.ascontiguousarray(image)
            before, used = time.perf_counter(), time.process_time()
            result = mesh.process(image)
            ms.append((time.perf_counter() - before) * 1e3)
            if start is None:
                start = time.perf_counter() - BEGIN
            else:
                cpu += time.process_time() - used
            out.write(rows(result, image.shape[1], image.shape[0], faces).tobytes())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024e-6
    json.dump({'ms': ms, 'cpu_s': cpu, 'start_s': start, 'memory_mb': memory,
               'version': mediapipe.__version__}, answers)


if __name__ == '__main__':
    main()
