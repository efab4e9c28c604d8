"""Any program as a service: for what no definition is there."""
