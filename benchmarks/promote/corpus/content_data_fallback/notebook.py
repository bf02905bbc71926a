# ---
# about: chooses a path by os.path.exists, one of another machine first; the name of the parameter of a function is the path
# style: kaggle
# notebook: hotel bookings.ipynb
# inputs: [data/hotel_bookings.csv]
# outputs:
#   - {table: ".*cancel.*|.*summary.*", file: cancellations.csv}
# parameters: {must_not: [candidates]}
# ---
# %%
import os
import pandas as pd

candidates = ["/kaggle/input/hotel-booking-demand/hotel_bookings.csv", "data/hotel_bookings.csv"]
path = next(p for p in candidates if os.path.exists(p))
print("reading", path)
# %%
def load(path, min_adr=0.0):
    d = pd.read_csv(path)
    return d[d.adr > min_adr].reset_index(drop=True)

bookings = load(path, min_adr=20)
bookings.sample(3, random_state=0)
# %%
bookings["lead_bucket"] = pd.cut(bookings.lead_time, [-1, 30, 120, 400], labels=["short", "medium", "long"])
cancellations = bookings.groupby(["hotel", "lead_bucket"], observed=False)["is_canceled"].agg(["mean", "size"]).reset_index()
cancellations.to_csv("cancellations.csv", index=False)
cancellations.style.background_gradient(subset=["mean"])
