"""The projection of a sweep into MLflow. The only room that knows MLflow; all of it can be rebuilt from the store."""
