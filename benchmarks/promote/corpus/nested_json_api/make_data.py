"""What an API answered, kept as files."""

import json

import numpy as np


def make(root):
    rng = np.random.default_rng(19)
    games = [
        {
            "id": i,
            "name": f"Game {i}",
            "meta": {"year": int(rng.integers(1995, 2020)), "players": {"min": 1, "max": int(rng.integers(2, 8))}},
            "tags": [str(t) for t in rng.choice(["coop", "cards", "dice", "party"], 2, replace=False)],
            "ratings": [int(r) for r in rng.integers(1, 11, 5)],
        }
        for i in range(60)
    ]
    (root / "raw").mkdir()
    (root / "raw" / "games.json").write_text(json.dumps({"page": 1, "items": games}))
    lines = [json.dumps({"game": int(rng.integers(0, 60)), "user": int(u), "plays": int(rng.integers(1, 30))}) for u in range(200)]
    (root / "raw" / "plays.jsonl").write_text("\n".join(lines) + "\n")
