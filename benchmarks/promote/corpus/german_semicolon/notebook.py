# ---
# about: German CSV (sep, decimal, thousands, latin-1), umlauts and blanks in file and column names
# style: analyst
# project: Zähler Auswertung
# notebook: Auswertung Zählerstände.ipynb
# inputs: ["Daten/Zählerstände 2023.csv"]
# outputs:
#   - {table: ".*verbrauch.*", file: Daten/verbrauch_je_strasse.csv, read: {sep: ";", decimal: ",", encoding: latin-1}}
# parameters: {should: [grenze], must_not: [spalten]}
# ---
# %% [markdown]
# # Auswertung der Zählerstände
# %%
import pandas as pd
from matplotlib import pyplot as plt
grenze = 5000   # ab wann ein Haushalt als Großverbraucher gilt
spalten = {"Verbrauch (kWh)": "verbrauch", "Straße": "strasse"}
# %%
# Daten einlesen
df = pd.read_csv("Daten/Zählerstände 2023.csv", sep=";", decimal=",", thousands=".", encoding="latin-1",
                 parse_dates=["Ablesung"], dayfirst=True)
df = df.rename(columns=spalten)
df.head()
# %%
df["groß"] = df["verbrauch"] > grenze
je_straße = df.groupby("strasse").agg(haushalte=("Zählernr", "count"), verbrauch=("verbrauch", "sum"), große=("groß", "sum"))
je_straße
# %%
je_straße["verbrauch"].plot.barh()
plt.xlabel("kWh")
plt.show()
# %%
je_straße.to_csv("Daten/verbrauch_je_strasse.csv", sep=";", decimal=",", encoding="latin-1")
print("fertig")
