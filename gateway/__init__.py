"""The gateway: it decides, remembers and proves."""
