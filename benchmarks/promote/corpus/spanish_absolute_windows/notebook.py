# ---
# about: a Windows path of another person's machine; the file lies in a folder beside
# style: analyst
# notebook: Análisis cosechas.ipynb
# runs: false
# promote: "yes"
# leftovers: false
# elsewhere:
#   'C:\Users\maria\Documents\olivar\datos\cosechas.csv': datos/cosechas.csv
#   'C:\Users\maria\Documents\olivar\resumen.csv': resumen.csv
# inputs: [cosechas.csv]
# outputs:
#   - {table: ".*resumen.*", file: resumen.csv}
# ---
# %%
import pandas as pd
# %%
cosechas = pd.read_csv(r'C:\Users\maria\Documents\olivar\datos\cosechas.csv')
cosechas.head()
# %%
resumen = cosechas.groupby(['provincia', 'año'], as_index=False)['toneladas'].sum().sort_values('toneladas', ascending=False)
resumen['puesto'] = range(1, len(resumen) + 1)
# %%
# guardar
resumen.to_csv(r'C:\Users\maria\Documents\olivar\resumen.csv', index=False)
