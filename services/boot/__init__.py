"""The machine's own start and end: process 1 until s6-svscan takes its place, and after it."""
