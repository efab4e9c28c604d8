"""The compiled service graph: its records, its file's reading and checking, its conditions. Pure.

The agent loads a graph with read.read() and decides by it; nothing in here touches a file.
"""
