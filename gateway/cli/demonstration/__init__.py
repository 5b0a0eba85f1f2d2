"""What `dabyl demo` is made of: a broker, a scene, and the story that is told of it."""
