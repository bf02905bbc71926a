# ---
# about: a dataclass with the knobs, logging, tqdm, a class, warnings; JSON lines in, parquet with partition-like loop avoided
# style: engineering
# project: Predictive Maintenance
# notebook: nb/anomaly detection.ipynb
# inputs: [../raw/sensors.json]
# outputs:
#   - {table: ".*anomal.*", file: anomalies.parquet}
# parameters: {must_not: [log, cfg]}
# ---
# %%
import logging
import warnings
from dataclasses import dataclass, asdict

import pandas as pd
from tqdm.auto import tqdm

warnings.simplefilter("ignore")
logging.basicConfig(level=logging.INFO)
log = logging.getLogger("anomaly")
# %%
@dataclass
class Config:
    path: str = "../raw/sensors.json"
    window: int = 12
    z: float = 3.5

cfg = Config()
asdict(cfg)
# %%
class Detector:
    def __init__(self, window, z):
        self.window, self.z = window, z

    def __call__(self, s: pd.Series) -> pd.Series:
        med = s.rolling(self.window, min_periods=3).median()
        mad = (s - med).abs().rolling(self.window, min_periods=3).median()
        return ((s - med).abs() / (1.4826 * mad)).gt(self.z)
# %%
df = pd.read_json(cfg.path, lines=True)
df["time"] = pd.to_datetime(df["time"])
detect = Detector(cfg.window, cfg.z)
frames = []
for machine, g in tqdm(df.groupby("machine")):
    s = g.set_index("time")["vibration"].resample("10s").mean().interpolate()
    flagged = detect(s)
    log.info("%s: %d anomalies", machine, flagged.sum())
    frames.append(s[flagged].to_frame().assign(machine=machine).reset_index())
# %%
anomalies = pd.concat(frames, ignore_index=True)
anomalies.to_parquet("anomalies.parquet", index=False)
anomalies.head()
