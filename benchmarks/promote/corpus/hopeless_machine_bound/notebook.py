# ---
# about: reads from a device of its author's machine
# style: science
# notebook: live logger.ipynb
# runs: false
# promote: "no"
# why: ttyUSB0|device
# ---
# %%
import pandas as pd
import time
# %%
with open('/dev/ttyUSB0', 'rb') as port:
    lines = [port.readline().decode() for _ in range(20)]
# %%
t0 = time.time()
df = pd.DataFrame([l.split(',') for l in lines], columns=['t', 'v']).astype(float)
df.to_csv('live.csv', index=False)
