"""What AtriumDB makes of the same samples: bytes, speed, and the time of a screen's worth. Called by the bench."""

import pathlib
import sys
import time

import numpy as np
from atriumdb import AtriumSDK

folder = pathlib.Path(sys.argv[1])
start_s = int(sys.argv[2])
waves = [(name, float(hertz)) for name, hertz in (word.split(":") for word in sys.argv[3:])]
sdk = AtriumSDK.create_dataset(dataset_location=folder / "atrium", database_type="sqlite")
device = sdk.insert_device(device_tag="bed")
samples = 0
ids = {}
began = time.process_time()
for name, hertz in waves:
    values = np.fromfile(folder / f"{name}.i16", dtype="<i2").astype(np.int64)
    ids[name] = sdk.insert_measure(measure_tag=name, freq=hertz, units="mV", freq_units="Hz")
    sdk.write_segment(ids[name], device, values, start_s, freq=hertz, time_units="s", freq_units="Hz",
                      scale_m=0.005, scale_b=0.0)
    samples += len(values)
stored = time.process_time() - began
size = sum(f.stat().st_size for f in (folder / "atrium").rglob("*") if f.is_file())
print(f"bytes_per_sample {size / samples:.4f}")
print(f"samples_per_cpu_second {samples / stored:.0f}")

name, hertz = waves[0]
total = (folder / f"{name}.i16").stat().st_size // 2
for label, seconds in (("10 s", 10), ("1 min", 60), ("1 h", 3600), ("24 h", 86400)):
    seconds = min(seconds, total / hertz)
    times = []
    for _ in range(4):
        begin = time.perf_counter()
        _, _, found = sdk.get_data(ids[name], int(start_s * 1e9), int((start_s + seconds) * 1e9), device_id=device)
        edges = np.linspace(0, len(found), 1501).astype(int)[:-1]
        np.minimum.reduceat(found, edges)
        np.maximum.reduceat(found, edges)
        times.append(time.perf_counter() - begin)
    print(f"envelope {label}: {min(times[1:]) * 1000:.3f}")
