"""The portfolio: projects with their standing, priority, people and benefits, and what people decide about them."""
