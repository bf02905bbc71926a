PLANS = {"free": 0, "pro": 1, "team": 2}
