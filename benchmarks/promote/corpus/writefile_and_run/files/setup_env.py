import pandas as pd
import numpy as np

pd.set_option("display.precision", 3)
REPO = "rivers"
