# ---
# about: nested JSON by json.load and json_normalize, JSON lines, explode; lists in a column of the result
# style: analyst
# notebook: board games.ipynb
# inputs: [raw/games.json, raw/plays.jsonl]
# outputs:
#   - {table: ".*tag.*", file: tag_stats.csv}
#   - {table: ".*games.*", variable: games, proposed: true}
# ---
# %%
import json
import pandas as pd
# %%
with open('raw/games.json', encoding='utf-8') as fh:
    raw = json.load(fh)
raw.keys()
# %%
games = pd.json_normalize(raw['items'])
games.columns = [c.replace('meta.', '').replace('.', '_') for c in games.columns]
games['mean_rating'] = games['ratings'].apply(lambda r: sum(r) / len(r))
games.head(3)
# %%
plays = pd.read_json('raw/plays.jsonl', lines=True)
games = games.merge(plays.groupby('game').plays.sum().rename('total_plays'), left_on='id', right_index=True, how='left')
# %%
tag_stats = games.explode('tags').groupby('tags').agg(n=('id', 'nunique'), rating=('mean_rating', 'mean'), plays=('total_plays', 'sum')).reset_index()
tag_stats.to_csv('tag_stats.csv', index=False)
tag_stats
