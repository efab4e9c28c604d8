"""Pictures of graphs, by Graphviz: a site's services and what they wait for, also as they stand."""
