"""What one cell is: its settings, its data, its model, its loss, its training. Knows neither Ray nor MLflow."""
