"""What reacts to flights: new months land and are taken in."""

from assetbook.platform.arrivals import arrival_sensor
from assets.flights import flights

flights_arrivals = arrival_sensor("flights_arrivals", tables=[flights], also=["flight_features"])
