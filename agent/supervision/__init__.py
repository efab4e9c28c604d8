"""What the agent does with the services, and why: the decision, its explanation, its record. Pure.

decision.decide() is a function of graph, facts and time; nothing in here touches a file or s6.
"""
