"""Nothing but a module that needs a device."""


def make(root):
    (root / "readings.csv").write_text("t,v\n0,1\n1,2\n")
