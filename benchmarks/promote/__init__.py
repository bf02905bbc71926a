"""How many notebooks that others could have written `assetbook promote` turns into assets: see README.md."""
