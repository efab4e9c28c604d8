"""The formats of an image: each module writes a Tree as one of them, the same bits each time."""
