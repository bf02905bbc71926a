"""Poems."""


def make(root):
    lines = ["the sea is grey and the sea is wide", "a bird above the water cries", "grey is the stone and grey the sky"] * 8
    (root / "poems.txt").write_text("\n\n".join(lines) + "\n")
