"""What the page of an executed notebook is made of: cells, outputs, and what of them is shown how."""
