"""How fast Assetbook is, as ratios against named peers measured in the same run. See README.md beside this file."""
