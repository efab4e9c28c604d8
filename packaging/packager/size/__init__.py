"""What makes an image big: by package, folder and reason, drawn, compared, and held to budgets."""
