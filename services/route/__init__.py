"""Static routes of both families."""
