"""What sites and definitions are made of, for the host alone; `services.model` is its front."""
